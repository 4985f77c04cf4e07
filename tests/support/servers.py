"""Tiny servers in the test's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

Answer = Callable[[bytes], Awaitable[bytes | None]]
"""Gets a request's bytes and gives those of the answer; None says nothing, for ever."""


@contextlib.asynccontextmanager
async def http_server(answer: Answer, unix: Path | None = None) -> AsyncIterator[int]:
    """Serve a function that gets whole requests, on a free port or a Unix socket."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            said = await answer(await _request(reader))
            if said is None:
                await reader.read()
            else:
                writer.write(said)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            connections.discard(task)
            writer.close()

    if unix is not None:
        server = await asyncio.start_unix_server(connected, unix)
    else:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        name = server.sockets[0].getsockname()
        yield name[1] if unix is None else 0
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()
        if unix is not None:
            unix.unlink(missing_ok=True)


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)


def silent_listener() -> socket.socket:
    """Return a socket that lets connect and never answers."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    return listener
