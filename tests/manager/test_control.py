"""The control port, with real sockets: good clients and all others."""

import asyncio
import json
import resource
import socket

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from streamlit_controls.core.protocol import MAX_LINE
from streamlit_controls.manager import control
from tests.manager.control_client import TOKEN, Connections, closed, line, serving
from tests.support.asynchronous import bounded

NO_TOKEN = "unauthorized: the token is missing or wrong"
NO_JSON = "protocol: the line is not JSON"
TOO_LONG = f"protocol: the line is longer than {MAX_LINE} bytes"
CUT_SHORT = "protocol: the connection ended before the line did"


async def still_serves(to: Connections) -> None:
    progress, reply = await to.ask("status")
    assert (progress["type"], reply["ok"]) == ("progress", True)
    assert {each.verb for each in to.commands.asked} == {"status"}


@bounded
async def test_a_good_request() -> None:
    async with serving() as to:
        progress, reply = await to.ask("status", app="hello")
        assert progress["message"] == "ready"
        assert reply == {"type": "reply", "ok": True, "result": {"apps": {}}}
        assert to.commands.asked[0].args == {"app": "hello"}


@pytest.mark.parametrize(
    ("verb", "messages", "error"),
    [
        ("unknown", 1, "there is no app 'x'"),
        ("late", 2, "it did not work"),
        ("bug", 2, "an error inside the manager: KeyError('something inside')"),
    ],
)
@bounded
async def test_errors_of_commands(verb: str, messages: int, error: str) -> None:
    async with serving() as to:
        *before, reply = await to.ask(verb)
        assert len(before) + 1 == messages
        assert reply["ok"] is False
        assert reply["error"]["message"] == error
        to.commands.asked.clear()
        await still_serves(to)


NASTY: dict[str, tuple[bytes, str]] = {
    "an empty line": (b"\n", NO_JSON),
    "HTTP": (b"POST / HTTP/1.1\r\nHost: localhost:8499\r\n\r\n", NO_JSON),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", NO_JSON),
    "no UTF-8": (b'{"token": "\xff"}\n', NO_JSON),
    "NULs": (b"\0" * 100 + b"\n", NO_JSON),
    "deeply nested": (b"[" * 60_000 + b"\n", NO_JSON),
    "a huge number": (b"9" * 60_000 + b"\n", NO_JSON),
    "no object": (b"[1, 2]\n", "protocol: the line should be a JSON object, not list"),
    "no token": (b'{"verb": "status"}\n', NO_TOKEN),
    "a wrong token": (line("status", token="wrong"), NO_TOKEN),
    "half a token": (line("status", token=TOKEN[:-1]), NO_TOKEN),
    "a token that is no text": (b'{"token": ["x"], "verb": "status"}\n', NO_TOKEN),
    "a line too long": (b" " * MAX_LINE + b"{}\n", TOO_LONG),
    "two lines' length without an end": (b"x" * 2 * MAX_LINE, TOO_LONG),
    "16 MiB": (b'{"token": "' + b"x" * 16 * 1024 * 1024 + b'"}\n', TOO_LONG),
    "a second token": (
        b'{"token": "wrong", "token": "T", "verb": "status"}\n'.replace(b"T", TOKEN.encode()),
        "protocol: a key stands there twice",
    ),
    "no verb": (
        json.dumps({"token": TOKEN}).encode() + b"\n",
        "protocol: verb: should be a string",
    ),
    "more after the line": (b"{}\n" + b"more\n" * 1000, NO_TOKEN),
}


@pytest.mark.parametrize(("data", "error"), NASTY.values(), ids=NASTY.keys())
@bounded
async def test_nasty_lines(data: bytes, error: str) -> None:
    async with serving() as to:
        assert await to.error(data) == error
        assert to.commands.asked == []
        await still_serves(to)


@pytest.mark.parametrize("data", [b"", b"{", line("status")[:-1]])
@bounded
async def test_closed_before_the_line_is_whole(data: bytes) -> None:
    async with serving() as to:
        assert await to.error(data, close=True) == CUT_SHORT
        await still_serves(to)


@bounded
async def test_gone_without_a_word() -> None:
    async with serving() as to:
        for data in (b"", b"{", line("flood"), line("slow")):
            _, writer = await to.open()
            writer.write(data)
            writer.transport.abort()
        to.commands.asked.clear()
        assert (await to.ask("status"))[-1]["ok"]


@bounded
async def test_a_client_that_never_sends_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "REQUEST_TIMEOUT", 0.05)
    async with serving() as to:
        assert (await to.error(b'{"token"')).startswith("protocol: no line within")
        await still_serves(to)


@bounded
async def test_a_client_that_sends_byte_by_byte() -> None:
    async with serving() as to:
        reader, writer = await to.open()
        for byte in line("status"):
            writer.write(bytes([byte]))
            await writer.drain()
        assert len((await reader.read()).splitlines()) == 2
        await closed(writer)


@bounded
async def test_a_client_that_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "WRITE_TIMEOUT", 0.1)
    async with serving() as to:
        _, writer = await to.open()
        writer.write(line("flood"))
        while not to.commands.ended:
            await asyncio.sleep(0.01)
        to.commands.asked.clear()
        await still_serves(to)
        await closed(writer)


@bounded
async def test_a_client_that_goes_ends_what_it_listened_to() -> None:
    async with serving() as to:
        reader, writer = await to.open()
        writer.write(line("slow"))
        await reader.readline()
        await closed(writer)
        while not to.commands.ended:
            await asyncio.sleep(0.01)


@bounded
async def test_what_else_a_client_sends_is_not_listened_to() -> None:
    async with serving() as to:
        reader, writer = await to.open()
        writer.write(line("slow") + line("status") * 100)
        await reader.readline()
        assert [each.verb for each in to.commands.asked] == ["slow"]
        await closed(writer)


def allow_files(number: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < number:
        pytest.skip(f"only {hard} open files are allowed")
    if soft != resource.RLIM_INFINITY and soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))


@bounded
async def test_who_asks_for_nothing_makes_room_for_who_does() -> None:
    """The oldest first; who is being answered stays."""
    allow_files(4096)
    async with serving() as to:
        reader, watcher = await to.open()
        watcher.write(line("slow"))
        await reader.readline()
        idle = [await to.open() for _ in range(control.MAX_CONNECTIONS - 1)]
        for number in range(100):
            assert (await to.ask("status"))[-1]["ok"]
            if not number:
                (said,) = (await idle[0][0].read()).splitlines()
                assert json.loads(said)["error"]["message"] == "too many connections"
        assert not idle[-1][0].at_eof()
        assert to.commands.ended == []
        for _, writer in [*idle, (reader, watcher)]:
            await closed(writer)


@bounded
async def test_a_thousand_that_come_at_once_and_keep_silent_hold_nobody_up() -> None:
    allow_files(4096)
    async with serving() as to:
        opening = [asyncio.create_task(to.open()) for _ in range(500)]
        asking = [asyncio.create_task(to.ask("status")) for _ in range(20)]
        opening += [asyncio.create_task(to.open()) for _ in range(500)]
        assert all(answer[-1]["ok"] for answer in await asyncio.gather(*asking))
        idle = await asyncio.gather(*opening)
        await still_serves(to)
        assert len(to.server._connections) <= control.MAX_CONNECTIONS + 1
        for _, writer in idle:
            await closed(writer)


@bounded
async def test_where_all_are_being_answered_a_newcomer_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(control, "MAX_CONNECTIONS", 5)
    async with serving() as to:
        answered = [await to.open() for _ in range(5)]
        for reader, writer in answered:
            writer.write(line("slow"))
            await reader.readline()
        assert await to.error(line("status")) == "failed: too many connections"
        assert to.commands.ended == []
        await closed(answered[0][1])
        while not to.commands.ended:
            await asyncio.sleep(0.01)
        to.commands.asked.clear()
        await still_serves(to)
        for _, writer in answered:
            await closed(writer)


@bounded
async def test_what_a_connection_may_hold_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much clients send that have not said who they are, a line each is kept of it."""
    kept: list[int] = []
    in_the_kernel: list[int] = []

    async def never(server: control.ControlServer, reader: asyncio.StreamReader) -> bytes:
        while not reader._paused:  # type: ignore[attr-defined]
            await asyncio.sleep(0.001)
        kept.append(len(reader._buffer))  # type: ignore[attr-defined]
        for writer in server._unanswered:
            its = writer.get_extra_info("socket")
            in_the_kernel.append(its.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
        return b""

    monkeypatch.setattr(control.ControlServer, "_line", never)
    async with serving() as to:
        await asyncio.gather(*[to.error(b"x" * 1024 * 1024) for _ in range(20)])
    assert len(kept) == 20
    assert max(kept) <= 5 * MAX_LINE
    assert max(in_the_kernel) <= 2 * MAX_LINE


@bounded
async def test_many_at_once() -> None:
    async with serving() as to:
        answers = await asyncio.gather(*[to.ask("status") for _ in range(200)])
        assert all(len(each) == 2 and each[-1]["ok"] for each in answers)


@bounded
async def test_the_end_of_the_server_is_the_end_of_its_connections() -> None:
    async with serving() as to:
        reader, writer = await to.open()
        writer.write(line("slow"))
        await reader.readline()
        await to.server.close()
        assert await reader.read() == b""
        assert to.commands.ended == ["slow"]
        await closed(writer)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
objects = st.fixed_dictionaries(
    {},
    optional={
        "token": json_values | st.just(TOKEN[:-1]),
        "verb": st.sampled_from(["status", "shutdown", "stop"]) | json_values,
        "args": json_values,
    },
)
lines = st.one_of(
    st.binary(max_size=200),
    objects.map(lambda each: json.dumps(each).encode()),
    st.tuples(objects, st.integers(0, 60)).map(
        lambda each: json.dumps(each[0]).encode()[each[1] :]
    ),
)


def test_generated_lines() -> None:
    """Each gets its error reply, and nothing is asked of anybody; tests/faults has ten thousand."""

    async def work(generated: list[bytes]) -> None:
        async with asyncio.timeout(60), serving() as to:
            for start in range(0, len(generated), 50):
                some = generated[start : start + 50]
                errors = await asyncio.gather(
                    *[to.error(each.replace(b"\n", b" ") + b"\n") for each in some]
                )
                assert {error.partition(":")[0] for error in errors} <= {
                    "protocol",
                    "unauthorized",
                }
            assert to.commands.asked == []
            await still_serves(to)

    found: list[bytes] = []

    @settings(
        max_examples=300,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(lines)
    def generate(each: bytes) -> None:
        found.append(each)

    generate()
    assert len(found) >= 300
    asyncio.run(work(found))
