"""A real Caddy, and apps that are killed over a request: it waits for the successor if it can."""

import contextlib
import http.client
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.manager.caddy import Answer, Gateway, Named, caddy, named
from tests.support.ports import free_port
from tests.support.waiting import PATIENCE

HERE = "/app/hello/~new222/x"
VICTIM = """
import socket, sys, time
connection, _ = socket.socket(fileno=int(sys.argv[1])).accept()
said = b""
while not said.endswith(sys.argv[2].encode()):
    said += connection.recv(65536)
print("has read it", flush=True)
time.sleep(600)
"""
"""Takes one connection, reads until a request's end, and hangs."""


@dataclass
class App:
    """An app whose processes die; its socket does not."""

    gateway: Gateway
    site: Named
    socket: socket.socket
    visitors: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    def ask(
        self,
        method: str = "GET",
        path: str = HERE,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Future[Answer]":
        """Begin a request."""
        return self.visitors.submit(self._ask, method, path, body, dict(headers or {}))

    def _ask(self, method: str, path: str, body: object, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)  # type: ignore[arg-type]
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    @contextlib.contextmanager
    def process(self, end: str = "\r\n\r\n") -> Iterator[None]:
        """Run a process that has read a request to its end, and is killed over it."""
        command = [sys.executable, "-c", VICTIM, str(self.socket.fileno()), end]
        with subprocess.Popen(
            command, pass_fds=[self.socket.fileno()], stdout=subprocess.PIPE
        ) as process:
            try:
                assert process.stdout is not None
                assert select.select([process.stdout], [], [], PATIENCE)[0], "nothing was read"
                yield
            finally:
                process.kill()

    def die_over_it(self, end: str = "\r\n\r\n") -> None:
        with self.process(end):
            pass

    def succeed(self) -> bytes:
        """Answer one request as the next process; return what it says."""
        connection, _ = self.socket.accept()
        with connection:
            connection.settimeout(PATIENCE)
            said = b""
            while b"\r\n\r\n" not in said:
                said += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsuccessor")
        return said

    def is_left_alone(self) -> bool:
        """Tell whether nobody waits at the socket."""
        self.socket.settimeout(0)
        try:
            self.socket.accept()[0].close()
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)
        return False


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    site_port = free_port()
    document = {"site_port": site_port, "apps": {"hello": {}}}
    with (
        named("site", site_port) as site,
        caddy(tmp_path_factory.mktemp("state") / "run", document) as gateway,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        listener.bind("upstreams/new222")
        listener.listen()
        listener.settimeout(PATIENCE)
        gateway.point("new222")
        found = App(gateway, site, listener)
        with found.visitors:
            yield found


def test_a_request_waits_for_the_successor(app: App) -> None:
    answer = app.ask(headers={"X-Mine": "1"})
    app.die_over_it()
    said = app.succeed()
    assert said.startswith(b"GET /app/hello/~new222/x HTTP/1.1\r\n")
    assert b"X-Mine: 1\r\n" in said
    assert answer.result(PATIENCE).body == b"successor"


def test_a_websocket_does_too(app: App) -> None:
    answer = app.ask(headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    app.die_over_it()
    assert b"Upgrade: websocket\r\n" in app.succeed()
    assert answer.result(PATIENCE).status == 200


def test_a_request_that_kills_is_repeated_once(app: App) -> None:
    answer = app.ask()
    app.die_over_it()
    app.die_over_it()
    assert answer.result(PATIENCE).body == f"site {HERE}".encode()
    assert app.is_left_alone()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_may_change_something_is_not_repeated(app: App, method: str) -> None:
    answer = app.ask(method, body=b"all of it")
    app.die_over_it("all of it")
    assert answer.result(PATIENCE).body == f"site {HERE}".encode()
    assert app.is_left_alone()
    # The site is asked why the app does not answer, and nothing more.
    assert app.site.heard[-1].method == "GET"
    assert app.site.heard[-1].body == b""


def test_half_a_request_is_not_passed_on_as_a_whole_one(app: App) -> None:
    """The app is replaced while its process dies: what is left of an upload is not another one."""
    with named("next", Path("upstreams/nxt222")) as successor:
        try:
            answer = app.ask("POST", body=iter([b"all ", b"of it"]))
            with app.process("0\r\n\r\n"):
                app.gateway.point("nxt222")
            assert answer.result(PATIENCE).body == f"site {HERE}".encode()
            assert successor.heard == []
            gone = app.ask("POST", "/app/hello/~gone22/x", body=iter([b"all ", b"of it"]))
            assert gone.result(PATIENCE).body == b"next /app/hello/~gone22/x"
            assert [each.body for each in successor.heard] == [b"all of it"]
        finally:
            app.gateway.point("new222")


def test_who_is_gone_is_not_waited_for(app: App) -> None:
    app.gateway.point("dead22")
    try:
        begun = time.monotonic()
        for method in ("GET", "POST"):
            for path in ("/app/hello/~dead22/x", "/app/hello/~gone22/x", "/app/off/~gone22/x"):
                asked = [app.ask(method, path) for _ in range(10)]
                assert {each.result(PATIENCE).body for each in asked} == {f"site {path}".encode()}
        assert time.monotonic() - begun < 10
    finally:
        app.gateway.point("new222")
