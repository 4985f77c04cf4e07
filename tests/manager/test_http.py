"""One HTTP request, well and badly answered."""

import asyncio
import socket
import tempfile
from pathlib import Path

import pytest

from streamlit_controls.manager.http import LIMIT, Answer, request
from tests.support.asynchronous import bounded
from tests.support.ports import free_port
from tests.support.servers import http_server, silent_listener

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (OK, Answer(200, "ok")),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\nerror\n", Answer(503, "error")),
        (b"HTTP/1.1 204 \r\n\r\n", Answer(204, "")),
        (b"HTTP/1.1 404\r\nServer: x\r\n\r\nno", Answer(404, "no")),
        (b"HTTP/1.1 200 OK\r\n\r\n\xff", Answer(200, "\ufffd")),
    ],
)
@bounded
async def test_answers(said: bytes, answer: Answer) -> None:
    async def serve(_: bytes) -> bytes:
        return said

    async with http_server(serve) as port:
        assert await request(port, "/", timeout=5) == answer


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 OK\r\n\r\n", b"\0" * 9])
@bounded
async def test_no_answers(said: bytes) -> None:
    async def serve(_: bytes) -> bytes:
        return said

    async with http_server(serve) as port:
        with pytest.raises(ConnectionError):
            await request(port, "/", timeout=5)


@bounded
async def test_what_is_sent() -> None:
    heard: list[bytes] = []

    async def serve(data: bytes) -> bytes:
        heard.append(data)
        return OK

    async with http_server(serve) as port:
        await request(port, "/load?x=1", method="POST", body="ü".encode(), timeout=5)
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /load?x=1 HTTP/1.1\r\nHost: localhost\r\n")
    assert b"Content-Length: 2" in head
    assert body == "ü".encode()


@bounded
async def test_an_endless_answer_is_read_to_its_limit() -> None:
    async def serve(_: bytes) -> bytes:
        return OK + b"x" * 1_000_000

    async with http_server(serve) as port:
        answer = await request(port, "/", timeout=5)
    assert LIMIT / 2 < len(answer.body) < 2 * LIMIT


@bounded
async def test_silence_takes_no_longer_than_allowed() -> None:
    with silent_listener() as listener, pytest.raises(TimeoutError):
        await request(listener.getsockname()[1], "/", timeout=0.05)


@bounded
async def test_an_answer_is_whole_when_it_says_so() -> None:
    """The connection may stay open: a process that was forked meanwhile has it, too."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.read()  # until the other side closes
        writer.close()
        await writer.wait_closed()
        closed.set()

    closed = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await request(port, "/", timeout=5) == Answer(200, "ok")
        await closed.wait()


@bounded
async def test_nobody_there() -> None:
    with pytest.raises(ConnectionRefusedError):
        await request(free_port(), "/", timeout=5)


@bounded
async def test_unix_socket() -> None:
    async def serve(_: bytes) -> bytes:
        return OK

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        with pytest.raises(FileNotFoundError):
            await request(path, "/", timeout=5)
        async with http_server(serve, path):
            assert await request(path, "/", timeout=5) == Answer(200, "ok")


@bounded
async def test_a_connection_cut_short() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.setblocking(False)
        asked = asyncio.create_task(request(listener.getsockname()[1], "/", timeout=5))
        connection, _ = await asyncio.get_running_loop().sock_accept(listener)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
        with pytest.raises(ConnectionError):
            await asked
