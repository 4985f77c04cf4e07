"""The manager, its keeper, or both are killed: nobody notices, and all is in good hands again."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psutil

from tests.faults.installed import (
    KEEPER,
    MANAGER,
    PATHS,
    SAYS,
    TABS,
    Installed,
    nothing_lost,
    pids,
    status,
    wakes,
)
from tests.faults.knocking import Knocking
from tests.faults.load import Load
from tests.faults.waiting import in_loop, until
from tests.support.streamlit_client import StreamlitClient

A_SECOND = 1.0
TRIES = 8
"""How often it is measured how soon the manager is back; others want the processor, too."""

LOOKS = "grown = await asyncio.to_thread(self._look)"
MAY_COPY = "libc = ctypes.CDLL(None, use_errno=True)"
MAY_NOT = 'raise PermissionError("as ordinary users are told on many a system")'


@in_loop
async def test_a_killed_manager_is_back_within_a_second_and_loses_nothing(
    installed: Installed,
) -> None:
    async with Load(installed.url, TABS, PATHS) as load:
        before = await status(installed)
        away = []
        for _ in range(TRIES):
            await asyncio.to_thread(installed.run, "sleep", "two")
            with Knocking(installed) as knocking:
                await until(lambda: knocking.answers, "an answer")
                victim = installed.process(MANAGER)
                victim.kill()
                assert await wakes(installed, "two")
                await until(partial(knocking.by_another_than, victim.pid), "its successor")
            assert knocking.refused == []
            assert len(knocking.cut) <= 1, "the one that the manager was at"
            away.append(knocking.away())
            if min(away) < A_SECOND:
                break
        assert min(away) < A_SECOND
        same(before, await status(installed))
    nothing_lost(load)
    in_good_hands(installed)


@in_loop
async def test_one_that_fails_takes_nothing_from_what_it_looked_after(installed: Installed) -> None:
    """It ends as one that is killed: its successor hears of sessions, and of everything else."""
    fails = f"import os; os.path.exists('break') and (os.unlink('break'), 1 / 0); {LOOKS}"
    async with Load(installed.url, TABS, PATHS) as load:
        with installed.edited("manager/upkeep.py", LOOKS, fails):
            await replaced(installed, installed.process(MANAGER).kill)
            before = await status(installed)
            knocking = await replaced(installed, (installed.root / "break").touch)
            assert knocking.refused == []
            same(before, await status(installed))

            async def sessions() -> int | None:
                (instance,) = (await status(installed))["apps"]["one"]["instances"]
                found: int | None = instance["sessions"]
                return found

            async with asyncio.timeout(20):
                while await sessions() != TABS["one"]:
                    await asyncio.sleep(0.1)
            refused = await asyncio.to_thread(installed.run, "sleep", "one", code=1)
            assert "sessions are open in one" in refused.stderr
        await replaced(installed, installed.process(MANAGER).kill)
    assert "ZeroDivisionError" in (installed.root / "logs/controller.log").read_text()
    nothing_lost(load)


@in_loop
async def test_a_killed_keeper_is_back_within_a_second_and_loses_nothing(
    installed: Installed,
) -> None:
    async with Load(installed.url, TABS, PATHS) as load:
        before = await status(installed)
        await asyncio.to_thread(installed.run, "sleep", "two")
        away = []
        with Knocking(installed) as knocking:
            for _ in range(TRIES):
                victim = installed.process(KEEPER)
                victim.kill()
                began = time.monotonic()
                await until(partial(others, installed, KEEPER, victim.pid), "its successor")
                away.append(time.monotonic() - began)
                # It can do what the one before could, also for who sleeps.
                await until(lambda: holds_sockets(installed), "copies of all sockets")
                if min(away) < A_SECOND:
                    break
            manager = installed.process(MANAGER)
            manager.kill()
            assert await wakes(installed, "two")
            await until(partial(knocking.by_another_than, manager.pid), "the next manager")
        assert min(away) < A_SECOND
        assert knocking.refused == []
        same(before, await status(installed))
    nothing_lost(load)


@in_loop
async def test_both_killed_at_once_start_brings_them_back(installed: Installed) -> None:
    async with Load(installed.url, TABS, PATHS) as load:
        before = await status(installed)
        await asyncio.to_thread(installed.run, "sleep", "two")
        await kill_both(installed)
        await asyncio.to_thread(installed.run, "start")
        assert await wakes(installed, "two")
        same(before, await status(installed))
        had_back = installed.port in installed.sockets(MANAGER)
        if had_back:  # as the system allowed it to have the sockets
            await asyncio.to_thread(installed.run, "restart", "three")
    nothing_lost(load)
    if had_back:
        installed.process("caddy").kill()
        assert (await asyncio.to_thread(installed.get, "/")).status == 200
    await whole_again(installed)


@in_loop
async def test_both_killed_where_no_socket_can_be_had_back(installed: Installed) -> None:
    """And a process that got the number of one that ended meanwhile is nobody of ours."""
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        async with Load(installed.url, TABS, PATHS[:3]) as load:
            before = await status(installed)
            page, service = pids(before, "three")
            await kill_both(installed)
            os.kill(page, signal.SIGKILL)
            await until(lambda: not psutil.pid_exists(page), "its end")
            replace_pid(installed, "three", stranger.pid)
            with installed.edited("manager/listeners.py", MAY_COPY, MAY_NOT):
                await asyncio.to_thread(installed.run, "start")
            after = await status(installed)
            assert pids(after, "one") == pids(before, "one")
            assert set(pids(after, "three")) > {service}
            assert {page, stranger.pid}.isdisjoint(pids(after, "three"))
            assert installed.port not in installed.sockets(MANAGER)
            # Its successor cannot stand beside it, and so comes after it.
            await asyncio.to_thread(installed.run, "restart", "three")
            assert service not in pids(await status(installed), "three")
            assert (await asyncio.to_thread(installed.get, "/app/three/api/")).status == 200
            assert stranger.poll() is None
        nothing_lost(load)
    finally:
        stranger.kill()
        stranger.wait(20)
    await whole_again(installed)


async def replaced(project: Installed, end: Callable[[], object]) -> Knocking:
    """Have the manager end, and wait for the next one, which runs the code that is on disk."""
    with Knocking(project) as knocking:
        await until(lambda: knocking.answers, "an answer")
        before = project.process(MANAGER).pid
        end()
        await until(partial(knocking.by_another_than, before), "its successor")
    return knocking


async def whole_again(project: Installed) -> None:
    """Start anew where sockets were lost, so that what follows loses nothing."""
    if project.port not in project.sockets(MANAGER):
        await asyncio.to_thread(project.run, "stop")
        await asyncio.to_thread(project.run, "start")


def replace_pid(project: Installed, unit: str, pid: int) -> None:
    """Have it written down that a unit's process is another."""
    memory = project.root / ".state/run/state.json"
    document = json.loads(memory.read_text())
    (replica,) = (each for each in document["replicas"] if each["unit"] == unit)
    replica["instance"]["pid"] = pid
    memory.write_text(json.dumps(document))


async def kill_both(project: Installed) -> None:
    keeper, manager = project.process(KEEPER), project.process(MANAGER)
    keeper.kill()
    manager.kill()
    await until(lambda: not (manager.is_running() or keeper.is_running()), "their end")


def others(project: Installed, word: str, pid: int) -> bool:
    """Tell whether there is a process with a word on its command line, and another pid."""
    for process in project.processes():
        if process.pid != pid and word in " ".join(process.info["cmdline"] or ()):
            return True
    return False


def holds_sockets(project: Installed) -> bool:
    """Tell whether the keeper has a copy of each socket that the manager has."""
    return project.sockets(MANAGER) <= project.sockets(KEEPER)


def same(before: dict[str, Any], after: dict[str, Any]) -> None:
    """See that another manager has the same processes in its hands."""
    assert after["manager"]["pid"] != before["manager"]["pid"]
    for own in ("site", "gateway"):
        assert after["manager"][own]["pid"] == before["manager"][own]["pid"]
    assert pids(before, "one") == pids(after, "one")
    assert pids(before, "three") == pids(after, "three")


def in_good_hands(project: Installed) -> None:
    """See that verbs do to what was adopted what they did before; `restart` is tried elsewhere."""
    project.run("sleep", "three")
    document = project.status()
    assert (document["apps"]["three"]["state"], pids(document, "three")) == ("sleeping", [])
    runs = project.run("logs", "three", "-n", "1000").stdout.count(SAYS)
    with StreamlitClient(f"{project.url}app/three/") as visitor:
        visitor.run()
    assert project.run("logs", "three", "-n", "1000").stdout.count(SAYS) > runs
    project.run("stop", "three")
    assert pids(project.status(), "three") == []
    project.run("start", "three")
    assert project.status()["apps"]["three"]["state"] == "running"
