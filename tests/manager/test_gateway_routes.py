"""A real Caddy with routes as they are made: every address goes where it should."""

import contextlib
import http.client
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamlit_controls.core import routes
from streamlit_controls.core.unit import GATEWAY
from streamlit_controls.manager.listeners import listen
from tests.support.samples import replica, snapshot
from tests.support.waiting import PATIENCE, free_port, until

PAGE = {"Accept": "text/html,application/xhtml+xml"}


class Echo(http.server.BaseHTTPRequestHandler):
    """Says who it is and what was asked."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        assert isinstance(self.server, Named)
        body = f"{self.server.name} {self.path}".encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def address_string(self) -> str:
        return "somebody"


class Named(http.server.ThreadingHTTPServer):
    """A server that knows its name, on a port or on a Unix socket."""

    def __init__(self, name: str, where: int | Path) -> None:
        self.name = name
        if isinstance(where, Path):
            self.address_family = socket.AF_UNIX
            super().__init__(str(where), Echo)  # type: ignore[arg-type]
        else:
            super().__init__(("127.0.0.1", where), Echo)

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)


@contextlib.contextmanager
def named(name: str, where: int | Path) -> Iterator[None]:
    with Named(name, where) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield
        server.shutdown()
        thread.join(PATIENCE)


class Gateway:
    """Where the gateway listens, and where it looks."""

    def __init__(self, run: Path, port: int, site_port: int) -> None:
        self.run = run
        self.port = port
        self.site_port = site_port

    def point(self, instance: str | None) -> None:
        if instance is None:
            (self.run / "current/hello").unlink()
        else:
            (self.run / "current/hello").write_text(instance)

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Return the status, and where a redirect leads or what was said."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            body = answer.read().decode()
            return answer.status, answer.headers["Location"] or body
        finally:
            connection.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with an app of one instance that answers, one that does not, and a service."""
    run = tmp_path_factory.mktemp("run")
    site_port, api_port = free_port(), free_port()
    services = {"api": {"asgi": "m:a", "mount": "api", "port": api_port}}
    document = {"site_port": site_port, "apps": {"hello": {"services": services}, "off": {}}}
    made = snapshot(document, replica(unit=GATEWAY))
    for folder in ("current", "upstreams"):
        (run / folder).mkdir()
    (run / "gateway.json").write_text(json.dumps(routes.gateway(made)))
    with contextlib.ExitStack() as stack:
        stack.enter_context(named("site", site_port))
        stack.enter_context(named("api", api_port))
        before = Path.cwd()
        os.chdir(run)  # a Unix socket's path has 107 bytes at the most
        stack.callback(os.chdir, before)
        stack.enter_context(named("new222", Path("upstreams/new222")))
        stack.enter_context(named("old222", Path("upstreams/old222")))
        listener = stack.enter_context(listen("127.0.0.1", 0))
        caddy = subprocess.Popen(
            [Path(sys.prefix) / "bin/caddy", "run", "--config", "gateway.json"],
            cwd=run,
            env={"GATEWAY_FD": str(listener.fileno()), "HOME": str(run)},
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(caddy.wait, PATIENCE)
        stack.callback(caddy.terminate)
        found = Gateway(run, listener.getsockname()[1], site_port)
        found.point("new222")
        until(lambda: found.get("/")[0] == 200, "the gateway's start")
        yield found


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "site /"),
        ("/hello/?a=1", "site /hello/?a=1"),
        ("/admin/", "site /admin/"),
        ("/app/off/", "site /app/off/"),
        ("/app/off/~abc234/", "site /app/off/~abc234/"),
        ("/app/unknown/x", "site /app/unknown/x"),
        ("/app/hello/~new222/", "new222 /app/hello/~new222/"),
        ("/app/hello/~new222/_stcore/health?x=1", "new222 /app/hello/~new222/_stcore/health?x=1"),
        ("/app/hello/~old222/a%20b%2Fc", "old222 /app/hello/~old222/a%20b%2Fc"),
        ("/app/hello/~gone22/_stcore/health", "new222 /app/hello/~gone22/_stcore/health"),
        ("/app/hello/~x/media/1.png", "new222 /app/hello/~x/media/1.png"),
        ("/app/hello/api/", "api /"),
        ("/app/hello/api/files/a%20b?q=1", "api /files/a%20b?q=1"),
    ],
)
def test_goes_to(gateway: Gateway, path: str, said: str) -> None:
    assert gateway.get(path) == (200, said)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/app/hello", "/app/hello/~new222/"),
        ("/app/hello/", "/app/hello/~new222/"),
        ("/app/hello?a=1&b=%20", "/app/hello/~new222/?a=1&b=%20"),
        ("/app/hello/Page_two?a=1", "/app/hello/~new222/Page_two?a=1"),
        ("/app/hello/api", "/app/hello/api/"),
        ("/app/hello/api?a=1", "/app/hello/api/?a=1"),
    ],
)
def test_is_redirected(gateway: Gateway, path: str, to: str) -> None:
    assert gateway.get(path, PAGE) == (307, to)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/app/hello/~gone22/", "/app/hello/~new222/"),
        ("/app/hello/~gone22", "/app/hello/~new222/"),
        ("/app/hello/~gone22/Page?a=1", "/app/hello/~new222/Page?a=1"),
        ("/app/hello/~x/Page?a=1", "/app/hello/~new222/Page?a=1"),
    ],
)
def test_a_page_of_one_that_is_gone_is_redirected(gateway: Gateway, path: str, to: str) -> None:
    assert gateway.get(path, PAGE) == (307, to)


@pytest.mark.parametrize(
    "path", ["/app/hello//evil.example/", "/app/hello/~gone22//evil.example/", "/app/hello///x"]
)
def test_no_redirect_leads_elsewhere(gateway: Gateway, path: str) -> None:
    status, to = gateway.get(path, PAGE)
    assert status == 307
    assert to.startswith("/app/hello/~new222/")


def test_new_visitors_follow_the_file(gateway: Gateway) -> None:
    gateway.point("old222")
    assert gateway.get("/app/hello/", PAGE) == (307, "/app/hello/~old222/")
    gateway.point("new222")
    assert gateway.get("/app/hello/", PAGE) == (307, "/app/hello/~new222/")


def test_while_nothing_runs_the_site_says_why(gateway: Gateway) -> None:
    gateway.point(None)
    try:
        for path in ("/app/hello/", "/app/hello/~gone22/", "/app/hello/~gone22/x"):
            assert gateway.get(path, PAGE) == (200, f"site {path}")
    finally:
        gateway.point("new222")


def test_a_current_instance_that_does_not_answer_is_not_asked_again_and_again(
    gateway: Gateway,
) -> None:
    gateway.point("dead22")
    try:
        path = "/app/hello/~dead22/"
        assert gateway.get(path, PAGE) == (200, f"site {path}")
    finally:
        gateway.point("new222")
