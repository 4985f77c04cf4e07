"""One HTTP request on a TCP or Unix socket, for health checks and the gateway's admin API."""

import asyncio
import re
import socket
from dataclasses import dataclass
from pathlib import Path

LIMIT = 64 * 1024
"""Bytes of an answer that are read: health checks and error messages are short."""

AGENT = "streamlit-controller"
"""By which an instance knows that it is only looked after."""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """A response: its status and the beginning of its body."""

    status: int
    body: str


async def request(
    address: int | Path, path: str, *, method: str = "GET", body: bytes = b"", timeout: float
) -> Answer:
    """Send a request to a port of loopback, or to a Unix socket, and return the answer.

    Raises OSError where nobody answers properly and TimeoutError after `timeout` seconds.
    """
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"User-Agent: {AGENT}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with asyncio.timeout(timeout):
        return _parse(await _exchange(address, head.encode() + body))


async def _exchange(address: int | Path, data: bytes) -> bytes:
    """Send bytes and return those of the answer.

    All instances are asked again and again, and a bare socket costs less than streams do.
    """
    loop = asyncio.get_running_loop()
    on_loopback = isinstance(address, int)
    with socket.socket(socket.AF_INET if on_loopback else socket.AF_UNIX) as connection:
        connection.setblocking(False)
        where = ("127.0.0.1", address) if on_loopback else str(address)
        await loop.sock_connect(connection, where)
        await loop.sock_sendall(connection, data)
        said = b""
        while not _is_whole(said) and (more := await loop.sock_recv(connection, LIMIT)):
            said += more
        return said


def _is_whole(said: bytes) -> bool:
    """Tell whether an answer has all that is wanted.

    Its end cannot be relied on: where a process has forked meanwhile, nobody closes the connection.
    """
    head, end, body = said.partition(b"\r\n\r\n")
    length = _LENGTH.search(head) if end else None
    return len(said) >= LIMIT or (length is not None and len(body) >= int(length[1]))


def _parse(data: bytes) -> Answer:
    head, _, body = data.partition(b"\r\n\r\n")
    words = head.partition(b"\r\n")[0].split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ConnectionError("the answer is not HTTP")
    return Answer(int(words[1]), body.decode(errors="replace").strip())
