"""One HTTP request on a TCP or Unix socket, for health checks and the gateway's admin API."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

LIMIT = 64 * 1024
"""Bytes of an answer that are read: health checks and error messages are short."""

AGENT = "streamlit-controller"
"""By which an instance knows that it is only looked after."""


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
    async with asyncio.timeout(timeout):
        if isinstance(address, int):
            reader, writer = await asyncio.open_connection("127.0.0.1", address, limit=LIMIT)
        else:
            reader, writer = await asyncio.open_unix_connection(address, limit=LIMIT)
        try:
            head = (
                f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                f"User-Agent: {AGENT}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()
            return _parse(await _read(reader))
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    data = b""
    while len(data) < LIMIT and (more := await reader.read(LIMIT)):
        data += more
    return data


def _parse(data: bytes) -> Answer:
    head, _, body = data.partition(b"\r\n\r\n")
    words = head.partition(b"\r\n")[0].split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ConnectionError("the answer is not HTTP")
    return Answer(int(words[1]), body.decode(errors="replace").strip())
