"""A real Caddy with the routes of a configuration, and servers that say who they are."""

import contextlib
import email.message
import http.client
import http.server
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit_controls.core import routes
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.unit import GATEWAY
from streamlit_controls.manager.gateway import FOLDERS
from streamlit_controls.manager.listeners import listen
from tests.support.samples import replica, snapshot
from tests.support.waiting import PATIENCE, until


class Echo(http.server.BaseHTTPRequestHandler):
    """Says who it is and what was asked, and notes how."""

    protocol_version = "HTTP/1.0"
    timeout = PATIENCE

    def do_GET(self) -> None:
        assert isinstance(self.server, Named)
        self.server.heard.append(Heard(self.command, self.headers, self._body()))
        body = f"{self.server.name} {self.path}".encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _body(self) -> bytes:
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"] or 0))
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def address_string(self) -> str:
        return "somebody"


@dataclass(frozen=True)
class Heard:
    """What a server was asked."""

    method: str
    headers: email.message.Message
    body: bytes


class Named(http.server.ThreadingHTTPServer):
    """A server that knows its name, on a port or on a Unix socket."""

    def __init__(self, name: str, where: int | Path) -> None:
        self.name = name
        self.heard: list[Heard] = []
        if isinstance(where, Path):
            self.address_family = socket.AF_UNIX
            super().__init__(str(where), Echo)  # type: ignore[arg-type]
        else:
            super().__init__(("127.0.0.1", where), Echo)

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)


@contextlib.contextmanager
def named(name: str, where: int | Path) -> Iterator[Named]:
    with Named(name, where) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(PATIENCE)


@dataclass(frozen=True)
class Answer:
    """What a request got."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Gateway:
    """Where the gateway listens, and where it looks."""

    run: Path
    port: int
    pid: int

    def point(self, instance: str | None) -> None:
        for folder in ("current", "reattach"):
            self.put(folder, "hello", instance)

    def put(self, folder: str, place: str, what: str | None) -> None:
        """Have the gateway find something at a place in a folder, or nothing."""
        there = self.run / folder / place
        there.mkdir(parents=True, exist_ok=True)
        for file in there.iterdir():
            file.unlink()
        if what is not None:
            (there / what).touch()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Return the status, and where a redirect leads or what was said."""
        found = self.ask(path, headers)
        return found.status, found.headers["Location"] or found.body.decode()

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Answer:
        """Return a whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """Return a connection for what no proper client would send."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def say(self, data: bytes) -> bytes:
        """Send bytes as they are; return all that comes until the gateway closes.

        What is sent must have it close, at its end or because it is refused.
        """
        with self.connect() as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(data)
            return everything(connection)


def everything(connection: socket.socket) -> bytes:
    """Return what comes on a connection until it is closed."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while data := connection.recv(65536):
            found += data
    return found


@contextlib.contextmanager
def caddy(run: Path, document: Mapping[str, Any], *replicas: Replica) -> Iterator[Gateway]:
    """Run a gateway in its folder, with the routes of a configuration; stay in that folder."""
    for folder in (*FOLDERS, "upstreams", "pages"):
        (run / folder).mkdir(parents=True, exist_ok=True)
    made = snapshot(dict(document), replica(unit=GATEWAY), *replicas)
    (run / "gateway.json").write_text(json.dumps(routes.gateway(made)))
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(run))  # a Unix socket's path has 107 bytes at the most
        listener = stack.enter_context(listen("127.0.0.1", 0))
        process = subprocess.Popen(
            [Path(sys.prefix) / "bin/caddy", "run", "--config", "gateway.json"],
            cwd=run,
            env={"GATEWAY_FD": str(listener.fileno()), "HOME": str(run)},
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(process.wait, PATIENCE)
        stack.callback(process.terminate)
        found = Gateway(run, listener.getsockname()[1], process.pid)
        for place, port in routes.services(made).items():
            found.put("services", place, port)
        until(lambda: found.get("/")[0] < 600, "the gateway's start")
        yield found
