"""Whether an instance answers."""

import asyncio
from pathlib import Path

import pytest

from streamlit_controls.core.unit import Kind
from streamlit_controls.manager import health
from streamlit_controls.manager.health import Target
from tests.support.asynchronous import bounded
from tests.support.samples import unit
from tests.support.servers import http_server, silent_listener
from tests.support.waiting import free_port

ADMIN = Path("/nowhere/gateway.sock")


def target(port: int, kind: Kind = Kind.STREAMLIT) -> Target:
    path = "/_stcore/health" if kind is Kind.STREAMLIT else "/up"
    return Target(unit("hello.api", kind, health=path, prefix="/p"), "abc234", port, ADMIN)


SCRIPT = "script-health-check"


class Server:
    """Answers with a status and a body that a test changes, and remembers what was asked."""

    def __init__(self, status: int = 200, body: str = "ok") -> None:
        self.status, self.body = status, body
        self.asked: list[str] = []

    async def __call__(self, data: bytes) -> bytes:
        self.asked.append(data.split(b" ")[1].decode())
        return f"HTTP/1.1 {self.status} X\r\nConnection: close\r\n\r\n{self.body}".encode()


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Kind.STREAMLIT, "/app/hello/~abc234/_stcore/health"),
        (Kind.ASGI, "/up"),
        (Kind.COMMAND, "/up"),
        (Kind.SITE, "/up"),
        (Kind.GATEWAY, "/config/admin"),
    ],
)
def test_where_to_ask(kind: Kind, path: str) -> None:
    asked = target(8501, kind)
    assert asked.path == path
    assert asked.address == (ADMIN if kind is Kind.GATEWAY else 8501)


@pytest.mark.parametrize(
    ("kind", "status", "well"),
    [
        (Kind.STREAMLIT, 200, True),
        (Kind.STREAMLIT, 307, False),
        (Kind.STREAMLIT, 404, False),
        (Kind.STREAMLIT, 503, False),
        (Kind.ASGI, 200, True),
        (Kind.ASGI, 401, True),
        (Kind.ASGI, 404, True),
        (Kind.ASGI, 500, False),
        (Kind.COMMAND, 502, False),
    ],
)
@bounded
async def test_what_counts_as_well(kind: Kind, status: int, well: bool) -> None:
    async with http_server(Server(status)) as port:
        assert await target(port, kind).check(5) is well


@bounded
async def test_nobody_and_silence_are_not_well() -> None:
    assert not await target(free_port()).check(5)
    with silent_listener() as listener:
        assert not await target(listener.getsockname()[1]).check(0.05)


@bounded
async def test_a_start_is_waited_for() -> None:
    server = Server(503)
    async with http_server(server) as port:
        waiting = asyncio.create_task(target(port).answers())
        while len(server.asked) < 2:
            await asyncio.sleep(0.005)
        assert not waiting.done()
        server.status = 200
        await waiting


@pytest.mark.parametrize(
    ("status", "body", "fails"),
    [(200, "ok", False), (503, "error", True), (503, "timeout", False), (404, "error", False)],
)
@bounded
async def test_scripts(status: int, body: str, fails: bool) -> None:
    asked: list[str] = []

    async def serve(data: bytes) -> bytes:
        asked.append(data.split(b" ")[1].decode())
        said = f"{status} X\r\n\r\n{body}" if SCRIPT in asked[-1] else "200 OK\r\n\r\nok"
        return b"HTTP/1.1 " + said.encode()

    async with http_server(serve) as port:
        assert await target(port).script_fails() is fails
    assert asked[-1] == f"/app/hello/~abc234/_stcore/{SCRIPT}"


@bounded
async def test_only_pages_have_scripts() -> None:
    async with http_server(server := Server(503, "error")) as port:
        assert not await target(port, Kind.ASGI).script_fails()
    assert server.asked == []


@bounded
async def test_a_script_that_takes_long_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve(data: bytes) -> bytes | None:
        return None if SCRIPT.encode() in data else b"HTTP/1.1 200 OK\r\n\r\nok"

    monkeypatch.setattr(health, "SCRIPT_PATIENCE", 0.05)
    async with http_server(serve) as port:
        assert not await target(port).script_fails()


@bounded
async def test_a_script_that_ends_its_process_is_asked_of_the_next_one() -> None:
    answers = iter([b"HTTP/1.1 200 OK\r\n\r\nok", b"", b"HTTP/1.1 200 OK\r\n\r\nok"])

    async def serve(_: bytes) -> bytes:
        return next(answers, b"HTTP/1.1 503 X\r\n\r\nerror")

    async with http_server(serve) as port:
        assert await target(port).script_fails()


@bounded
async def test_several_misses_in_a_row_are_too_many() -> None:
    server, told = Server(), list[str]()
    async with http_server(server) as port:
        watching = asyncio.create_task(target(port).watch(0.005, told.append))
        while len(server.asked) < 2:
            await asyncio.sleep(0.005)
        assert told == []
        server.status = 500
        await watching
    assert told == ["did not answer 3 health checks in a row"]


@bounded
async def test_misses_now_and_then_are_not() -> None:
    told: list[str] = []
    asked = 0

    async def now_and_then(_: bytes) -> bytes:
        nonlocal asked
        asked += 1
        status = 200 if asked % 3 == 0 else 500
        return f"HTTP/1.1 {status} X\r\nConnection: close\r\n\r\n".encode()

    async with http_server(now_and_then) as port:
        watching = asyncio.create_task(target(port).watch(0.001, told.append))
        while asked < 12:
            await asyncio.sleep(0.001)
        watching.cancel()
    assert told == []
