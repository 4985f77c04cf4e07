"""A real Caddy, and addresses that lead where nobody should get to: all of them are harmless."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from streamlit_controls.manager.asset_maker import write
from streamlit_controls.manager.pages import Pages
from tests.manager.caddy import Gateway, Named, caddy, named
from tests.support.ports import free_port

SECRET = b"a secret"


@dataclass(frozen=True)
class Place:
    """A gateway, the apps behind it, and a port that it has no business with."""

    gateway: Gateway
    hello: Named
    other: Named
    site: Named
    foreign: Named
    foreign_port: int

    def ask(self, target: str, host: str = "127.0.0.1", method: str = "GET") -> bytes:
        """Return the answer to a request whose target is sent as it is."""
        head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        return self.gateway.say(head.encode("latin-1"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    state = tmp_path_factory.mktemp("state")
    made = state / "assets/streamlit-1.67.0"
    write(made / "page/index.html", b"<!doctype html>")
    write(made / "files/static/a.js", b"1")
    for name in ("run/token", "run/current/secret", "assets/secret", "secret"):
        (state / name).parent.mkdir(parents=True, exist_ok=True)
        (state / name).write_bytes(SECRET)
    site_port, foreign_port = free_port(), free_port()
    document = {"site_port": site_port, "apps": {"hello": {}, "other": {}}}
    with (
        named("site", site_port) as site,
        named(SECRET.decode(), foreign_port) as foreign,
        caddy(state / "run", document) as gateway,
        named("hello", Path("upstreams/new222")) as hello,
        named("other", Path("upstreams/oth222")) as other,
    ):
        gateway.point("new222")
        Pages(state / "run").name("abc234", made)
        yield Place(gateway, hello, other, site, foreign, foreign_port)


HERE = "/app/hello/~new222"
AWKWARD = [
    *(
        "/token",
        "/run/token",
        "/.state/run/token",
        "/gateway.json",
        "/gateway.sock",
        "/current/secret",
    ),
    *("/upstreams/new222", "/upstreams/new222/", "/sockets/8501", "/pages/abc234/page/index.html"),
    *(
        "/assets/secret",
        "/assets/../run/token",
        "/assets/..%2frun%2ftoken",
        "/assets/%2e%2e/secret",
    ),
    *("/assets/streamlit-1.67.0/../../secret", "/assets/streamlit-1.67.0/..%2f..%2fsecret"),
    *("/assets/streamlit-1.67.0/..%5c..%5csecret", "/assets/streamlit-../secret"),
    *(f"{HERE}/../../../token", f"{HERE}/..%2f..%2f..%2ftoken", f"{HERE}/%2e%2e/%2e%2e/token"),
    *(f"{HERE}/..\\..\\token", f"{HERE}/..%5c..%5ctoken", f"{HERE}/token%00", f"{HERE}/%00"),
    *(f"{HERE}/static/../../../token", f"{HERE}/%c0%ae%c0%ae/token", f"{HERE}/..;/token"),
    *("/app/hello/~abc234/static/..%2f..%2f..%2fsecret", "/app/hello/~abc234/static/%2e%2e/a.js"),
    *("/app/hello/~abc234/static/../../../../../secret", "/app/hello/~abc234/..%2fsecret"),
    *("/app/hello/~../token", "/app/hello/~..%2ftoken/", "/app/hello/~../../gateway.sock/config/"),
    *("/app/hello/~%2e%2e%2fgateway.sock/config/", "/app/hello/~gateway.sock/", "/app/~new222/"),
    *(
        "/app/../token",
        "/app/hello/../../token",
        "/app/..%2f..%2ftoken",
        "/app/secret/",
        "/app/secret",
    ),
    *(
        "/app/secret/~new222/../",
        "/app/secret/~x/y",
        "/app/%2e%2e/",
        "/app//../token",
        "//app//token",
    ),
    *(
        "/app/hello/{file.token}",
        "/app/hello/~{file.token}/",
        "/{file.token}",
        "/app/{file.token}/",
    ),
    *(f"{HERE}/{{env.HOME}}/{{file.token}}", "/app/hello/%7Bfile.token%7D", "/assets/{file.token}"),
    *(
        "*",
        "/%",
        "/%zz",
        "/?x=%00",
        "/app/hello/?{file.token}",
        "/#token",
        "token",
        "file:///token",
    ),
]


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("target", AWKWARD)
def test_no_address_leads_to_what_is_not_an_app_s(place: Place, target: str, method: str) -> None:
    answer = place.ask(target, method=method)
    status = int(answer.split(b" ")[1])
    assert status in {200, 307, 400, 404, 405, 501}
    assert SECRET not in answer
    assert place.foreign.heard == []
    if status == 307:
        assert b"\r\nLocation: /app/hello/~new222/" in answer


@pytest.mark.parametrize("path", ["/", HERE + "/x", "/app/hello/", "/assets/secret"])
def test_no_request_leads_to_another_port(place: Place, path: str) -> None:
    there = f"127.0.0.1:{place.foreign_port}"
    for target in (f"http://{there}{path}", f"//{there}{path}", f"http://x@{there}{path}", path):
        assert SECRET not in place.ask(target, there)
        assert SECRET not in place.ask(target)
    assert place.foreign.heard == []


def test_the_gateway_is_no_way_out(place: Place) -> None:
    there = f"127.0.0.1:{place.foreign_port}"
    before = [len(each.heard) for each in (place.hello, place.other, place.site)]
    answer = place.ask(there, there, method="CONNECT")
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert place.foreign.heard == []
    assert before == [len(each.heard) for each in (place.hello, place.other, place.site)]


def test_another_app_s_instance_hears_whose_it_was_taken_for(place: Place) -> None:
    """An app answers below its own address only; nothing is rewritten to fit."""
    before = len(place.hello.heard)
    for path in ("/app/hello/~oth222/x", "/app/hello/~x/../~oth222/x"):
        assert f"other {path}".encode() in place.ask(path)
    assert len(place.hello.heard) == before


@pytest.mark.parametrize(
    "request_head",
    [
        "POST {} HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked",
        "POST {} HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 4\r\nContent-Length: 40",
        "POST {} HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding: chunked, identity",
        "POST {} HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding : chunked",
        "POST {} HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: +4",
        "GET {} HTTP/1.1\r\nHost: a.localhost\r\nHost: b.localhost",
        "GET {} HTTP/1.1\r\nHost: a.localhost\r\nX: a\rb",
        "GET {} HTTP/1.1\r\nHost: a.localhost\r\n folded: yes",
        "GET {} HTTP/1.1",
        "GET {} HTTP/1.1\r\nHost: {{file.token}}",
        "GET {} HTTP/1.1\r\nHost: <b>",
    ],
)
def test_no_request_hides_in_another(place: Place, request_head: str) -> None:
    before = len(place.hello.heard)
    hidden = f"0\r\n\r\nGET {HERE}/hidden HTTP/1.1\r\nHost: a.localhost\r\n\r\n"
    head = request_head.format(f"{HERE}/x") + "\r\nConnection: close\r\n\r\n"
    answer = place.gateway.say((head + hidden).encode())
    assert answer.count(b"HTTP/1.1") == 1
    assert b"hidden" not in answer
    assert len(place.hello.heard) <= before + 1
    assert SECRET not in answer


def test_what_a_visitor_says_is_not_read_as_an_instruction(place: Place) -> None:
    said = {"Origin": "{file.token}", "Upgrade": "websocket", "X-Forwarded-Host": "{file.token}"}
    answer = place.gateway.ask(HERE + "/x", said)
    assert answer.status == 403
    assert SECRET not in answer.body
    assert b"{file.token}" in answer.body
