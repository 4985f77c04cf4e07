"""Asks for one address as often as it can, over connections that are kept open.

Run as a process of its own, `python -m benchmarks.load ADDRESS SECONDS`, it prints how many of them
were answered per second.
"""

import re
import selectors
import socket
import sys
import time
from urllib.parse import urlsplit

CONNECTIONS = 16
BUFFER = 1 << 20
PATIENCE = 30.0
LAST = b"\r\n0\r\n\r\n"


class Requests:
    """One connection that asks again as soon as it was answered."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        self.socket = socket.create_connection((parts.hostname, parts.port or 80), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = (
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "Accept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\r\n"
        ).encode()
        self._buffer = memoryview(bytearray(BUFFER))
        self._head = b""
        self._left: int | None = None
        """Bytes of the answer that are still to come, where it said how many there are."""
        self._tail = b""
        """The last bytes of an answer that comes in pieces: an empty piece ends it."""

    def ask(self) -> None:
        """Send the request."""
        self._head, self._left, self._tail = b"", None, b""
        self.socket.sendall(self._request)

    def take(self) -> bool:
        """Read what has come; tell whether the answer is whole."""
        count = self.socket.recv_into(self._buffer)
        if not count:
            raise ConnectionError("the server closed the connection")
        if self._left is not None:
            self._left -= count
            return self._left == 0
        if not self._tail:
            return self._take_head(bytes(self._buffer[:count]))
        self._tail = (self._tail + bytes(self._buffer[max(0, count - len(LAST)) : count]))[
            -len(LAST) :
        ]
        return self._tail == LAST

    def _take_head(self, part: bytes) -> bool:
        self._head += part
        head, end, body = self._head.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise ValueError(f"not the file: {head!r}")
        if length := re.search(rb"(?i)\r\ncontent-length: *(\d+)", head):
            self._left = int(length[1]) - len(body)
            return self._left == 0
        self._tail = (end + body)[-len(LAST) :]
        return self._tail == LAST


def rate(address: str, seconds: float) -> float:
    """Return how many requests were answered per second."""
    connections = [Requests(address) for _ in range(CONNECTIONS)]
    try:
        with selectors.DefaultSelector() as selector:
            for connection in connections:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                connection.ask()
            answered, began = 0, time.perf_counter()
            while (passed := time.perf_counter() - began) < seconds:
                for key, _ in selector.select(PATIENCE):
                    if key.data.take():
                        answered += 1
                        key.data.ask()
            return answered / passed
    finally:
        for connection in connections:
            connection.socket.close()


if __name__ == "__main__":
    print(rate(sys.argv[1], float(sys.argv[2])))  # noqa: T201 - what the caller reads
