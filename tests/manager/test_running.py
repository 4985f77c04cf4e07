"""When an instance is asked how it is, and what is done with one that hangs."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from streamlit_controls.core import pulse
from streamlit_controls.core.events import Exited, Happening, Ready, Reported, Unhealthy
from streamlit_controls.core.launch import INSTANCE
from streamlit_controls.core.unit import Kind
from streamlit_controls.manager import health
from streamlit_controls.manager.cgroups import Cgroups
from streamlit_controls.manager.health import Target
from streamlit_controls.manager.leftovers import Leftovers
from streamlit_controls.manager.output import Output
from streamlit_controls.manager.process import Process, since_boot
from streamlit_controls.manager.running import REST_SECONDS, Running
from tests.support.asynchronous import bounded
from tests.support.processes import has_ended
from tests.support.samples import unit
from tests.support.servers import http_server, silent_listener

TICKS = "import time\nwhile True: time.sleep(0.01)"

DEAF = """
import faulthandler, os, signal, subprocess, sys, time
faulthandler.register(signal.SIGQUIT)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


class Instance:
    """A process that is looked after, and what was told of it."""

    def __init__(
        self, folder: Path, script: str, kind: Kind = Kind.STREAMLIT, port: int = 1
    ) -> None:
        self.events: list[Happening] = []
        self.log = folder / "log"
        with self.log.open("ab") as log:
            env = {**os.environ, INSTANCE: "abc234"}
            process = Process.spawn([sys.executable, "-c", script], cwd=folder, env=env, log=log)
        read, self.pipe = os.pipe()
        self.running = Running(
            1,
            Target(unit("hello.api", kind), "abc234", port, Path("/nowhere")),
            process,
            Output(self.log, 0),
            read,
            post=self.events.append,
            binds_itself=lambda _: None,
            leftovers=Leftovers(Cgroups(None)),
        )

    def report(self, **values: object) -> None:
        os.write(self.pipe, json.dumps(values).encode() + b"\n")


@asynccontextmanager
async def looked_after(instance: Instance, *, ready: bool = True) -> AsyncIterator[Running]:
    task = asyncio.create_task(instance.running.supervise(ready=ready))
    try:
        await asyncio.sleep(0)
        yield instance.running
    finally:
        instance.running.process.kill()
        await task
        os.close(instance.pipe)


@pytest.mark.parametrize(
    ("kind", "asked"), [(Kind.STREAMLIT, True), (Kind.ASGI, False), (Kind.SITE, False)]
)
@bounded
async def test_what_drains_is_asked_where_nobody_else_can_answer(
    tmp_path: Path, kind: Kind, asked: bool
) -> None:
    script = "import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\nsignal.pause()"
    async with looked_after(Instance(tmp_path, script, kind)) as running:
        assert running._may_ask()
        running.drain()
        assert running._may_ask() is asked


@pytest.mark.parametrize("how", ["nap", "terminate"])
@bounded
async def test_what_ends_or_falls_asleep_is_left_alone(tmp_path: Path, how: str) -> None:
    async with looked_after(Instance(tmp_path, DEAF)) as running:
        assert running._may_ask()
        if how == "nap":
            running.nap(at_once=True)
        else:
            running.process.terminate()
        assert not running._may_ask()


@bounded
async def test_who_is_at_rest(tmp_path: Path) -> None:
    instance = Instance(tmp_path, TICKS)
    long_ago = since_boot() - REST_SECONDS - 1
    async with looked_after(instance) as running:
        running._at_rest()  # from now on it is seen to run

        async def rests() -> bool:
            await asyncio.sleep(0.1)
            return running._at_rest()

        assert not await rests(), "it has not told anything"
        instance.report(used_at=long_ago, busy=False)
        while not await rests():
            pass
        instance.report(used_at=long_ago, busy=True)
        while await rests():
            pass
        instance.report(used_at=since_boot(), busy=False)
        assert not await rests()
        instance.report(used_at=long_ago, busy=False)
        while not await rests():
            pass
        running.process.tell(signal.SIGSTOP)
        while await rests():
            pass


@bounded
async def test_who_hangs_shows_where_and_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "INTERVAL", 0.05)
    for name, seconds in {"QUICK": 0.1, "LOOK": 0.1, "IDLE": 0.2, "QUIET": 0.1}.items():
        monkeypatch.setattr(health if hasattr(health, name) else pulse, name, seconds)
    with silent_listener() as listener:
        instance = Instance(tmp_path, DEAF, port=listener.getsockname()[1])
        async with looked_after(instance) as running:
            while not instance.events:
                await asyncio.sleep(0.01)
            assert isinstance(instance.events[0], Unhealthy)
            child, *shown = instance.log.read_text().splitlines()
            assert any("most recent call first" in line for line in shown)
            running.process.kill()
            while len(instance.events) < 2:
                await asyncio.sleep(0.01)
            assert isinstance(instance.events[1], Exited)
            assert has_ended(int(child))


@bounded
async def test_its_end_is_told_when_nothing_is_left_of_it(tmp_path: Path) -> None:
    instance = Instance(tmp_path, DEAF)
    async with looked_after(instance) as running:
        while not instance.log.read_text():
            await asyncio.sleep(0.01)
        child = int(instance.log.read_text())
        os.kill(running.process.pid, signal.SIGKILL)
        while not instance.events:
            await asyncio.sleep(0.01)
        assert has_ended(child)


@bounded
async def test_where_another_may_have_answered_a_service_has_to_say_that_it_serves(
    tmp_path: Path,
) -> None:
    async def answer(_: bytes) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    async with http_server(answer) as port:
        instance = Instance(tmp_path, TICKS, Kind.ASGI, port)
        async with looked_after(instance, ready=False):
            instance.report(used_at=since_boot(), busy=False)
            while not any(isinstance(each, Reported) for each in instance.events):
                await asyncio.sleep(0.01)
            assert await instance.running.target.check(5)
            assert not any(isinstance(each, Ready) for each in instance.events)
            instance.report(serving=True)
            while not any(isinstance(each, Ready) for each in instance.events):
                await asyncio.sleep(0.01)
