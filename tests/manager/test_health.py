"""Whether an instance answers."""

import asyncio
import errno
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from streamlit_controls.core import pulse
from streamlit_controls.core.pulse import Doing
from streamlit_controls.core.unit import Kind
from streamlit_controls.manager import health
from streamlit_controls.manager.health import Crowd, Target
from tests.support.asynchronous import bounded
from tests.support.ports import free_port
from tests.support.samples import unit
from tests.support.servers import http_server, silent_listener

ADMIN = Path("/nowhere/gateway.sock")
BLOCKED = "did not answer for 0 s: its event loop is blocked"


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


@bounded
async def test_who_has_lost_its_own_socket_s_name_is_asked_at_its_port(tmp_path: Path) -> None:
    probe, own, shared = tmp_path / "abc234", Server(), Server()
    async with http_server(shared) as port:
        asked = replace(target(port, Kind.ASGI), probe=probe)
        async with http_server(own, probe):
            assert await asked.check(5)
        assert await asked.check(5)
    assert (own.asked, shared.asked) == (["/up"], ["/up"])


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


HURRIED = {"QUICK": 0.1, "LOOK": 0.1, "PATIENCE": 0.2, "IDLE": 0.35, "QUIET": 0.25}
HURRIED |= {"UNWELL": 0.4, "BUSY": 1.2}


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what takes seconds take much less."""
    for name, seconds in HURRIED.items():
        monkeypatch.setattr(health if hasattr(health, name) else pulse, name, seconds)


def nothing() -> Doing:
    return Doing(frozenset("S"), {1: 0.0})


def work() -> Doing:
    return Doing(frozenset("R"), {1: 0.0})


@pytest.mark.usefixtures("hurried")
@bounded
async def test_who_answers_is_well_until_it_does_not() -> None:
    server = Server()
    async with http_server(server) as port:
        watching = asyncio.create_task(target(port).watch(nothing, interval=0.005))
        while len(server.asked) < 5:
            await asyncio.sleep(0.005)
        assert not watching.done()
        server.status = 503
        reason = await watching
    assert reason == "answered its health checks with 503 for 0 s"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.STREAMLIT, BLOCKED),
        (Kind.SITE, BLOCKED),
        (Kind.COMMAND, "did not answer for 0 s: it does nothing"),
    ],
)
@pytest.mark.usefixtures("hurried")
@bounded
async def test_who_does_not_answer_and_does_nothing_hangs(kind: Kind, reason: str) -> None:
    with silent_listener() as listener:
        asked = target(listener.getsockname()[1], kind)
        assert await asked.watch(nothing, interval=0) == reason


@pytest.mark.usefixtures("hurried")
@bounded
async def test_who_works_has_longer() -> None:
    began = asyncio.get_running_loop().time()
    with silent_listener() as listener:
        asked = target(listener.getsockname()[1])
        reason = await asked.watch(work, interval=0)
    assert reason == "did not answer for 1 s, although it was busy"
    assert asyncio.get_running_loop().time() - began >= pulse.BUSY


@pytest.mark.usefixtures("hurried")
@bounded
async def test_nobody_listens() -> None:
    reason = await target(free_port()).watch(nothing, interval=0)
    assert reason == "refused connections for 0 s"


@pytest.mark.usefixtures("hurried")
@bounded
async def test_a_late_answer_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first question is given up; the second stays open until it is answered."""
    monkeypatch.setattr(pulse, "IDLE", 60)
    monkeypatch.setattr(health, "PATIENCE", 20)
    answering, asked = asyncio.Event(), 0

    async def second(_: bytes) -> bytes | None:
        nonlocal asked
        asked += 1
        if asked != 2:
            return None
        await answering.wait()
        return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"

    crowd = Crowd()
    async with http_server(second) as port:
        watched = Target(unit("hello"), "abc234", port, ADMIN, crowd)
        watching = asyncio.create_task(watched.watch(nothing, interval=0.05))
        while asked < 2:
            await asyncio.sleep(0.005)
        await asyncio.sleep(3 * health.LOOK)
        assert (crowd.watched, crowd.silent) == (1, 1)
        answering.set()
        while crowd.silent:
            await asyncio.sleep(0.005)
        assert crowd.watched == 1, "it is well again"
        watching.cancel()
        await asyncio.wait({watching})
    assert crowd.watched == 0


@pytest.mark.usefixtures("hurried")
@bounded
async def test_what_is_not_to_be_asked_is_not() -> None:
    may_ask = True

    async def silent(_: bytes) -> None:
        nonlocal may_ask
        may_ask = False

    async with http_server(silent) as port:
        watching = asyncio.create_task(target(port).watch(nothing, lambda: may_ask, interval=0.001))
        while may_ask:
            await asyncio.sleep(0.005)
        _, waiting = await asyncio.wait({watching}, timeout=0.3)
        assert waiting, "it is asleep, and does not hang"
        watching.cancel()
        await asyncio.wait({watching})


@bounded
async def test_who_is_at_rest_is_asked_now_and_then() -> None:
    server, looks = Server(), list[int]()

    def at_rest() -> bool:
        looks.append(len(server.asked))
        return True

    async with http_server(server) as port:
        watching = asyncio.create_task(target(port).watch(nothing, at_rest=at_rest, interval=0))
        while len(server.asked) < 4:
            await asyncio.sleep(0.005)
        watching.cancel()
        await asyncio.wait({watching})
    assert [looks.count(asked) for asked in range(4)] == [health.AT_REST] * 4


@pytest.mark.usefixtures("hurried")
@bounded
async def test_who_cannot_be_asked_is_not_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    port = free_port()
    with monkeypatch.context() as patch:
        patch.setattr("streamlit_controls.manager.http.socket.socket", none_left)
        watching = asyncio.create_task(target(port).watch(nothing, interval=0.001))
        _, waiting = await asyncio.wait({watching}, timeout=pulse.UNWELL + 0.2)
    assert waiting
    watching.cancel()
    await asyncio.wait({watching})


@pytest.mark.parametrize(
    ("watched", "silent", "most"), [(3, 2, False), (3, 3, True), (9, 4, False), (9, 5, True)]
)
def test_most_of_them(watched: int, silent: int, most: bool) -> None:
    crowd = Crowd()
    crowd.watched, crowd.silent = watched, silent
    assert crowd.is_silent is most
