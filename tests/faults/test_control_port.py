"""The control port of a running manager, under everything that is no request."""

import asyncio
import contextlib
import json
import random
import resource
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from streamlit_controls.client import Client
from streamlit_controls.project import Project
from tests.journeys import scripts
from tests.journeys.project import SampleProject

INPUTS = 10_000
AT_ONCE = 100
IDLE = 1000
PATIENCE = 20.0
"""Seconds in which others have to be served; it takes hundredths of one."""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A running project with one app, which nothing here may touch."""
    folder = tmp_path_factory.mktemp("target") / "project"
    project = SampleProject.make(folder, {"canary": {"warm": False}})  # it starts but once or twice
    project.add("canary", scripts.SLIDER)
    try:
        project.run("start")
        yield project
    finally:
        project.end()


class Port:
    """A project's control port, its token, and what its manager and its app are like."""

    def __init__(self, target: SampleProject) -> None:
        self.client = Client.for_project(Project(target.root))
        self.log = target.root / "logs/controller.log"

    def line(self, verb: str, **args: Any) -> bytes:
        said = {"token": self.client.token, "verb": verb, "args": args}
        return json.dumps(said, separators=(",", ":")).encode() + b"\n"

    def connect(self) -> socket.socket:
        return socket.create_connection(self.client.address, timeout=PATIENCE)

    def identity(self) -> tuple[Any, ...]:
        """Return what no input may change."""
        status = self.client.request("status")
        canary, manager = status["apps"]["canary"], status["manager"]
        pids = [each["pid"] for each in canary["instances"]]
        return manager["pid"], manager["leaving"], canary["state"], canary["generation"], pids

    def memory(self) -> int:
        pid = self.client.request("status")["manager"]["pid"]
        return int(psutil.Process(pid).memory_info().rss)


@pytest.fixture
def port(target: SampleProject) -> Port:
    return Port(target)


class Inputs:
    """Generates what is no request: near misses of the verbs that would be noticed, and garbage."""

    def __init__(self, port: Port, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.token = port.client.token
        self.good = [
            port.line("shutdown"),
            port.line("refresh"),
            port.line("stop", app="canary"),
            port.line("restart", app="canary"),
            port.line("sleep", app="canary", force=True),
        ]
        self.kinds = [
            self.changed,
            self.with_another_token,
            self.misshapen,
            self.garbage,
            self.nested,
            self.numbers,
            self.twice,
            self.no_text,
            self.cut_short,
            self.pipelined,
        ]

    def next(self) -> bytes:
        return self.too_long() if self.random.random() < 0.02 else self.random.choice(self.kinds)()

    def changed(self) -> bytes:
        """A good line with one byte replaced, lost, or put in; compact, so each of them counts."""
        line = bytearray(self.random.choice(self.good)[:-1])
        at, byte = self.random.randrange(len(line)), self.random.randrange(33, 256)
        match self.random.randrange(3):
            case 0:
                line[at] = byte if byte != line[at] else line[at] ^ 1
            case 1:
                del line[at]
            case _:
                line.insert(at, byte)
        return bytes(line) + b"\n"

    def with_another_token(self) -> bytes:
        token = self.token
        others: list[Any] = [None, True, 0, [token], {"token": token}, "", " ", token[:-1]]
        others += [token + " ", token.swapcase(), token[::-1], token * 50, "\0" + token]
        message = json.loads(self.random.choice(self.good))
        message["token"] = self.random.choice(others)
        if self.random.random() < 0.2:
            del message["token"]
        return json.dumps(message).encode() + b"\n"

    def misshapen(self) -> bytes:
        message = json.loads(self.random.choice(self.good))
        odd: Any = self.random.choice([None, 5, [], "x", ["app"], 1e99, {"app": {}}, "stop canary"])
        match self.random.randrange(6):
            case 0:
                message["verb"] = odd
            case 1:
                message["args"] = odd
            case 2:
                message["args"] = {"app": odd}
                message["verb"] = "stop"
            case 3:
                message["args"]["more"] = odd
            case 4:
                message["more"] = odd
            case _:
                del message["verb"]
        return json.dumps(message).encode() + b"\n"

    def garbage(self) -> bytes:
        return self.random.randbytes(self.random.randrange(300)).replace(b"\n", b"") + b"\n"

    def nested(self) -> bytes:
        opening = self.random.choice([b"[", b'{"token":', b'[{"a":[', b'{"args":{'])
        return opening * self.random.randrange(1, 60_000 // len(opening)) + b"\n"

    def numbers(self) -> bytes:
        digits = b"9" * self.random.randrange(1, 60_000)
        odd: list[bytes] = [digits, b"-" + digits, b"1e" + digits, b'{"token":%b}' % digits]
        return self.random.choice(odd) + b"\n"

    def twice(self) -> bytes:
        line = self.random.choice(self.good)
        return b'{"verb":"status",' + line[1:]

    def no_text(self) -> bytes:
        line = bytearray(self.random.choice(self.good)[:-1])
        line.insert(self.random.randrange(len(line)), self.random.choice([0x80, 0xC0, 0xFF, 0xED]))
        return bytes(line) + b"\n"

    def cut_short(self) -> bytes:
        line = self.random.choice(self.good)
        return line[: self.random.randrange(len(line))].replace(b"\n", b"")

    def pipelined(self) -> bytes:
        return self.with_another_token() + b"".join(self.good) * self.random.randrange(1, 20)

    def too_long(self) -> bytes:
        return b'{"token":"' + self.token.encode() + b'","verb":"' + b"x" * 70_000 + b'"}\n'


async def answers(port: Port, inputs: list[bytes]) -> list[bytes]:
    """Return what each input gets until its connection is closed, many at once."""
    address = port.client.address
    waiting, got = iter(enumerate(inputs)), []

    async def work() -> None:
        for number, data in waiting:
            reader, writer = await asyncio.open_connection(*address, limit=2**20)
            # Without a wait for the last packets: ten thousand such waits use up the ports.
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            answer = b""
            with contextlib.suppress(ConnectionError):
                writer.write(data)
                if not data.endswith(b"\n") or number % 10 == 0:
                    writer.write_eof()
                answer = await reader.read()
            writer.close()
            got.append(answer)

    async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(work())
    return got


def test_ten_thousand_inputs_that_are_no_request(port: Port) -> None:
    before = port.identity()
    written = port.log.stat().st_size
    inputs = Inputs(port, seed=4)

    got = asyncio.run(answers(port, [inputs.next() for _ in range(INPUTS // 2)]))
    memory = port.memory()  # with all that is made but once
    got += asyncio.run(answers(port, [inputs.next() for _ in range(INPUTS // 2)]))

    assert len(got) == INPUTS
    replies = [json.loads(line) for answer in got for line in answer.splitlines()]
    assert all(answer.count(b"\n") <= 1 for answer in got), "one reply for each, at the most"
    assert len(replies) > INPUTS * 0.98, "who is refused is told so"
    assert {(each["type"], each["ok"]) for each in replies} == {("reply", False)}
    codes = {each["error"]["code"] for each in replies}
    assert codes == {"protocol", "unauthorized", "unknown-app"}
    assert port.identity() == before
    assert port.memory() - memory < 20 * 1024 * 1024
    with port.log.open("rb") as log:
        log.seek(written)
        assert b"Traceback" not in log.read()
    assert port.client.request("start", app="canary")["apps"]["canary"]["state"] == "running"


@pytest.fixture
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < IDLE + 500:
        pytest.skip(f"only {hard} open files are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, IDLE + 500), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("sent", [0, 60_000])
def test_a_thousand_idle_connections_hold_nobody_up(
    port: Port, many_files: None, sent: int
) -> None:
    before, memory = port.identity(), port.memory()
    with contextlib.ExitStack() as opened:
        watcher = opened.enter_context(port.connect())
        watcher.sendall(port.line("watch"))
        assert watcher.recv(1)
        idle = []
        for _ in range(IDLE):
            idle.append(opened.enter_context(port.connect()))
            with contextlib.suppress(ConnectionError):
                idle[-1].sendall(b"x" * sent)
        began = time.monotonic()
        for _ in range(20):
            assert port.identity() == before
        assert time.monotonic() - began < PATIENCE
        # 512 connections of 64 KiB each, and not a thousand.
        assert port.memory() - memory < 48 * 1024 * 1024
        first = json.loads(idle[0].makefile().readline() or "null") if not sent else None
        assert first is None or first["error"]["message"] == "too many connections"
        idle[-1].setblocking(False)
        with pytest.raises(BlockingIOError):
            idle[-1].recv(1)
        # Who is being answered is not among those that make room.
        watcher.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while data := watcher.recv(65536):
                assert data
            pytest.fail("the watcher was turned away")


def test_clients_that_never_read_hold_nobody_up(port: Port) -> None:
    before = port.identity()
    with contextlib.ExitStack() as opened:
        for _ in range(100):
            deaf = opened.enter_context(port.connect())
            deaf.sendall(port.line("watch"))
        assert port.identity() == before


def test_a_client_that_closes_its_half_is_not_answered_and_its_wish_holds(port: Port) -> None:
    generation = port.client.request("status")["apps"]["canary"]["generation"]
    with port.connect() as connection:
        connection.sendall(port.line("restart", app="canary"))
        connection.shutdown(socket.SHUT_WR)
        assert b'"type":"reply"' not in connection.makefile("rb").read()

    assert port.client.request("status")["apps"]["canary"]["generation"] == generation + 1


def test_a_line_that_is_sent_twice_is_carried_out_once(port: Port) -> None:
    generation = port.client.request("status")["apps"]["canary"]["generation"]
    with port.connect() as connection:
        connection.settimeout(120)
        connection.sendall(port.line("restart", app="canary") * 2)
        replies = [
            message
            for message in map(json.loads, connection.makefile())
            if message["type"] == "reply"
        ]
    assert [each["ok"] for each in replies] == [True]
    assert port.client.request("status")["apps"]["canary"]["generation"] == generation + 1
