"""HTTP by hand: requests that no client sends, or not so."""

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import h11

BOUNDARY = "a-boundary"
FORM = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
PATIENCE = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of the error that it is."""
        return str(json.loads(self.body)["error"]["code"])


class Wire:
    """One connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)
        self.is_reset = False
        """Whether the other side had no more of what was sent."""

    def send(self, *parts: str | bytes) -> None:
        data = b"".join(each.encode() if isinstance(each, str) else each for each in parts)
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.is_reset = True

    def answer(self) -> Answer:
        """Return the answer to what was sent, which need not have been all."""
        connection = h11.Connection(h11.CLIENT)
        connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
        connection.send(h11.EndOfMessage())
        head, body = None, b""
        while True:
            event: Any = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(self.socket.recv(65536))
            elif isinstance(event, h11.InformationalResponse):
                continue
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            else:
                assert head is not None
                headers = {name.decode(): value.decode() for name, value in head.headers}
                return Answer(head.status_code, headers, bytes(body))

    @property
    def is_closed(self) -> bool:
        """Whether the other side ends the connection."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def cut(self) -> None:
        """End it in the middle, without a word."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


@contextlib.contextmanager
def wire(url: str) -> Iterator[Wire]:
    connection = Wire(url)
    try:
        yield connection
    finally:
        connection.socket.close()


def file_part(content: bytes, name: str = "a.mp4") -> bytes:
    """Return the beginning of a form with a file in it."""
    return (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data;"
        f' name="file"; filename="{name}"\r\nContent-Type: video/mp4\r\n\r\n'
    ).encode() + content


END = f"\r\n--{BOUNDARY}--\r\n".encode()


def chunk(data: bytes) -> bytes:
    """Return a chunk of a body whose length nobody knows before."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
