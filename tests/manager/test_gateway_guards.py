"""A real Caddy refuses what is not meant for it, and lets nobody speak in another's name."""

import contextlib
import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.manager.caddy import Gateway, Named, caddy, named
from tests.support.ports import free_port
from tests.support.waiting import PATIENCE, until

HERE = "/app/hello/~new222/x"
WEBSOCKET = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
SPOKEN = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-User": "admin",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=6.6.6.6",
    "X-Real-IP": "6.6.6.6",
    "Remote-User": "admin",
    "x-remote-groups": "admins",
    "X-Auth-Request-Email": "admin@example.com",
    "X_Forwarded_User": "admin",
    "REMOTE_USER": "admin",
    "X-Ssl-Client-Verify": "SUCCESS",
    "SSL-CLIENT-SUBJECT-DN": "CN=admin",
    "X-Pomerium-Claim-Email": "admin@example.com",
    "X-Vouch-User": "admin",
    "X-Token-User-Name": "admin",
    "X-MS-CLIENT-PRINCIPAL-ID": "1",
    "X-Goog-Authenticated-User-Id": "1",
    "X-ARR-ClientCert": "MII",
    "X-User": "admin",
    "X-Original-URL": "/admin",
    "Proxy": "http://evil.example",
}
OWN = {
    "X-Xsrftoken": "1",
    "Authorization": "Basic eDp5",
    "Sec-Fetch-User": "?1",
    "X-Auth-Token": "t",
}


@dataclass(frozen=True)
class Site:
    """A gateway, and who is behind it."""

    gateway: Gateway
    app: Named
    service: Named
    site: Named

    def heard(self, path: str = HERE, **headers: str) -> dict[str, str]:
        """Return the headers that the app gets to see."""
        assert self.gateway.ask(path, headers).status == 200
        return {name.lower(): value for name, value in self.app.heard[-1].headers.items()}

    def socket(self, origin: str | None, path: str = HERE, **headers: str) -> int:
        """Return the status for one who would open a websocket."""
        said = {**WEBSOCKET, **headers}
        if origin is not None:
            said["Origin"] = origin
        return self.gateway.ask(path, said).status


@contextlib.contextmanager
def running(run: Path, **document: object) -> Iterator[Site]:
    site_port, api_port = free_port(), free_port()
    services = {"api": {"asgi": "m:a", "mount": "api", "port": api_port}}
    apps = {"hello": {"services": services}, "other": {}}
    with (
        named("site", site_port) as site,
        named("api", api_port) as service,
        caddy(run, {"site_port": site_port, "apps": apps, **document}) as gateway,
        named("new222", Path("upstreams/new222")) as app,
    ):
        gateway.point("new222")
        yield Site(gateway, app, service, site)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A gateway as it is without settings."""
    with running(tmp_path_factory.mktemp("plain") / "run") as found:
        yield found


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A gateway behind a proxy that it trusts, and behind whom there is another."""
    run = tmp_path_factory.mktemp("behind") / "run"
    trusted, names = ["127.0.0.1", "10.0.0.0/8"], ["apps.example.com"]
    with running(run, trusted_proxies=trusted, allowed_hosts=names) as found:
        yield found


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A gateway that speaks HTTPS."""
    with running(tmp_path_factory.mktemp("encrypted") / "run", domain="localhost") as found:
        until(lambda: ask_encrypted(found.gateway, "/") is not None, "the certificate")
        yield found


def ask_encrypted(gateway: Gateway, path: str, **headers: str) -> int | None:
    """Return the status of an answer over HTTPS, or None before there is a certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(
        "localhost", gateway.port, timeout=PATIENCE, context=context
    )
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    except ssl.SSLError:
        return None
    finally:
        connection.close()


def test_what_only_a_proxy_may_say_is_taken_away(plain: Site) -> None:
    heard = plain.heard(**SPOKEN, **OWN)
    assert heard["x-forwarded-for"] == "127.0.0.1"
    assert heard["x-forwarded-proto"] == "http"
    assert heard["x-forwarded-host"] == f"127.0.0.1:{plain.gateway.port}"
    said_anew = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    assert not {name.lower() for name in SPOKEN} & heard.keys() - said_anew
    assert {name.lower(): value for name, value in OWN.items()}.items() <= heard.items()


@pytest.mark.parametrize("path", ["/", "/app/hello/api/", "/app/off/~abc234/"])
def test_the_site_and_services_believe_no_more(plain: Site, path: str) -> None:
    before = len(plain.site.heard) + len(plain.service.heard)
    plain.gateway.ask(path, SPOKEN)
    heard = plain.site.heard if "api" not in path else plain.service.heard
    assert len(plain.site.heard) + len(plain.service.heard) == before + 1
    assert heard[-1].headers["X-Forwarded-For"] == "127.0.0.1"
    for name in ("X-Forwarded-User", "Remote-User", "X_Forwarded_User", "X-Real-IP"):
        assert heard[-1].headers[name] is None


def test_no_header_is_taken_away_by_being_called_hop_by_hop(plain: Site) -> None:
    heard = plain.heard(Connection="X-Forwarded-For, X-Forwarded-Proto, close")
    assert heard["x-forwarded-for"] == "127.0.0.1"
    assert heard["x-forwarded-proto"] == "http"


def test_what_comes_after_the_body_is_no_header(plain: Site) -> None:
    answer = plain.gateway.say(
        b"POST /app/hello/~new222/x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\nTrailer: X-Forwarded-User\r\n\r\n"
        b"1\r\nx\r\n0\r\nX-Forwarded-User: admin\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert plain.app.heard[-1].headers["X-Forwarded-User"] is None


def test_over_https_the_app_is_told_so(encrypted: Site) -> None:
    assert ask_encrypted(encrypted.gateway, HERE, **SPOKEN) == 200
    heard = encrypted.app.heard[-1].headers
    assert heard["X-Forwarded-Proto"] == "https"
    assert heard["X-Forwarded-For"] == "127.0.0.1"
    assert heard["X-Forwarded-Host"] == f"localhost:{encrypted.gateway.port}"
    assert heard["X-Forwarded-User"] is None


def test_a_trusted_proxy_may_speak_for_others(behind: Site) -> None:
    heard = behind.heard(**{**SPOKEN, "X-Forwarded-Proto": "https"})
    assert heard["x-forwarded-user"] == heard["remote-user"] == "admin"
    assert heard["x-forwarded-proto"] == "https"
    assert heard["x-forwarded-host"] == "evil.example"


def test_an_address_that_the_visitor_made_up_is_not_believed(behind: Site) -> None:
    """Proxies add to the list; what stands before the first stranger is the stranger's."""
    heard = behind.heard(**{"X-Forwarded-For": "1.1.1.1, 203.0.113.9, 10.0.0.7"})
    assert heard["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert behind.heard()["x-forwarded-for"] == "127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]:80", "LOCALHOST:5000", "a.localhost."])
def test_a_name_of_the_site_s_own_is_served(plain: Site, host: str) -> None:
    assert plain.gateway.ask(HERE, {"Host": host}).status == 200


@pytest.mark.parametrize("path", ["/", HERE, "/app/hello/", "/assets/x", "/app/hello/api/"])
def test_a_strange_name_is_refused(plain: Site, path: str) -> None:
    before = len(plain.app.heard) + len(plain.site.heard) + len(plain.service.heard)
    answer = plain.gateway.ask(path, {"Host": "evil.example:5000"})
    assert answer.status == 421
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "does not go by the name evil.example.\n" in answer.body.decode()
    assert '"allowed_hosts": ["evil.example"]' in answer.body.decode()
    assert before == len(plain.app.heard) + len(plain.site.heard) + len(plain.service.heard)


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1",
        b"GET http://<b>x</b>/ HTTP/1.1\r\nHost: 127.0.0.1",
        b"OPTIONS / HTTP/1.1\r\nHost: evil.example",
        b"CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example:80",
    ],
)
def test_a_strange_name_is_refused_wherever_it_stands(plain: Site, request_line: bytes) -> None:
    answer = plain.gateway.say(request_line + b"\r\nConnection: close\r\n\r\n")
    assert answer.split(b"\r\n")[0] in {
        b"HTTP/1.1 421 Misdirected Request",
        b"HTTP/1.1 400 Bad Request",
    }
    assert b"text/html" not in answer


def test_a_client_that_names_nobody_is_served(plain: Site) -> None:
    assert plain.gateway.say(b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200")


def test_names_come_from_the_configuration(behind: Site) -> None:
    assert behind.gateway.ask(HERE, {"Host": "Apps.Example.com:443"}).status == 200
    assert behind.gateway.ask(HERE, {"Host": "x.apps.example.com"}).status == 421


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("127.0.0.1:5000", "https://127.0.0.1:5000"),
        ("localhost", "http://localhost"),
        ("localhost:80", "http://localhost"),
        ("localhost", "http://localhost:80"),
        ("localhost", "https://localhost"),
        ("localhost:443", "https://localhost"),
        ("LocalHost:5000", "http://localhost:5000"),
        ("localhost:5000", "HTTP://LocalHost:5000"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("localhost:5000", None),
    ],
)
@pytest.mark.parametrize("path", [HERE, "/app/hello/api/ws", "/app/hello/~gone22/_stcore/stream"])
def test_a_page_of_the_site_opens_websockets(
    plain: Site, path: str, host: str, origin: str | None
) -> None:
    assert plain.socket(origin, path, Host=host) == 200


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:5000", "http://evil.example"),
        ("127.0.0.1:5000", "http://127.0.0.1:5001"),
        ("127.0.0.1:5000", "http://localhost:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000.evil.example"),
        ("127.0.0.1:5000", "http://evil.example/http://127.0.0.1:5000"),
        ("127.0.0.1:5000", "ftp://127.0.0.1:5000"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
        ("127.0.0.1:5000", "null"),
        ("127.0.0.1:5000", "file://"),
        ("127.0.0.1:5000", ""),
        ("localhost:443", "http://localhost"),
        ("localhost:80", "https://localhost"),
        ("localhost", "http://localhost:5000"),
    ],
)
@pytest.mark.parametrize("path", [HERE, "/app/hello/api/ws", "/app/hello/~gone22/_stcore/stream"])
def test_a_page_of_another_site_opens_none(plain: Site, path: str, host: str, origin: str) -> None:
    assert plain.socket(origin, path, Host=host) == 403


def test_a_refusal_says_what_to_do(plain: Site) -> None:
    said = {**WEBSOCKET, "Origin": "http://evil.example", "Host": "localhost:5000"}
    answer = plain.gateway.ask(HERE, said)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = answer.body.decode()
    assert "a page of http://evil.example may not connect to localhost:5000" in text
    assert "trusted_proxies" in text


@pytest.mark.parametrize("upgrade", ["WebSocket", "h2c", ""])
def test_whatever_it_would_become(plain: Site, upgrade: str) -> None:
    assert plain.socket("http://evil.example", Upgrade=upgrade) == 403


@pytest.mark.parametrize(
    "upgrade",
    [
        *("h2c", "TLS/1.0", "websocket, h2c", "h2c, websocket", "h2c\r\nUpgrade: websocket"),
        "websocket\r\nUpgrade: h2c",
    ],
)
def test_nothing_goes_on_by_a_language_that_the_gateway_does_not_hear(
    plain: Site, upgrade: str
) -> None:
    head = f"GET {HERE} HTTP/1.1\r\nHost: localhost\r\nUpgrade: {upgrade}\r\n"
    answer = plain.gateway.say(f"{head}Connection: Upgrade, close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert plain.app.heard[-1].headers["Upgrade"] is None
    assert plain.socket(None, Upgrade="WebSocket") == 200
    assert plain.app.heard[-1].headers["Upgrade"] == "websocket"


def test_two_origins_are_none(plain: Site) -> None:
    host = f"127.0.0.1:{plain.gateway.port}"
    lines = [f"GET {HERE} HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket"]
    lines += [f"Origin: http://{host}", "Origin: http://evil.example", "", ""]
    with plain.gateway.connect() as connection:
        connection.sendall("\r\n".join(lines).encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


def test_a_page_of_another_site_may_still_ask(plain: Site) -> None:
    """Whether it gets to read the answer is between the browser and the app."""
    assert plain.gateway.ask(HERE, {"Origin": "http://evil.example"}).status == 200


def test_a_claim_about_the_host_does_not_make_a_page_the_site_s_own(plain: Site) -> None:
    assert plain.socket("http://evil.example", **{"X-Forwarded-Host": "evil.example"}) == 403


@pytest.mark.parametrize(
    ("said", "origin", "status"),
    [
        ({"X-Forwarded-Host": "apps.example.com"}, "https://apps.example.com", 200),
        ({"X-Forwarded-Host": "apps.example.com"}, "http://127.0.0.1:5000", 403),
        ({"X-Forwarded-Proto": "https"}, "https://127.0.0.1:5000", 200),
        ({"X-Forwarded-Proto": "https"}, "http://127.0.0.1:5000", 403),
    ],
)
def test_a_trusted_proxy_says_where_the_visitor_is(
    behind: Site, said: dict[str, str], origin: str, status: int
) -> None:
    assert behind.socket(origin, Host="127.0.0.1:5000", **said) == status


def test_over_https_a_page_over_http_is_another_site(encrypted: Site) -> None:
    gateway = encrypted.gateway
    own, other = (f"{scheme}://localhost:{gateway.port}" for scheme in ("https", "http"))
    assert ask_encrypted(gateway, HERE, Origin=own, **WEBSOCKET) == 200
    assert ask_encrypted(gateway, HERE, Origin=other, **WEBSOCKET) == 403
