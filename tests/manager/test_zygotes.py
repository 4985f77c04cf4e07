"""Zygotes: one for an environment as it is now, back when one dies, gone when nobody needs it."""

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import LaunchError
from streamlit_controls.manager import zygotes as module
from streamlit_controls.manager.process import since_boot
from streamlit_controls.manager.zygote import FORK_PATIENCE, LOOK, Embryo
from streamlit_controls.manager.zygotes import Zygotes
from streamlit_controls.project import Project
from tests.support.asynchronous import bounded
from tests.support.processes import has_ended
from tests.support.projects import make_project

FAKE = Path(__file__).with_name("fake_zygote.py")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = make_project(tmp_path, {})
    for folder in (made.logs, made.run):
        folder.mkdir(parents=True, exist_ok=True)
    return made


def environment(folder: Path, says: dict[str, Any] | None = None) -> Path:
    """Return an interpreter that runs the fake zygote, whatever it is asked to run."""
    (folder / "bin").mkdir(parents=True)
    (folder / "lib/python3.11/site-packages").mkdir(parents=True)
    shutil.copy(FAKE, folder / "bin/fake.py")
    (folder / "bin/says.json").write_text(json.dumps(says or {"ready": True, "missing": {}}))
    python = folder / "bin/python"
    python.write_text(f'#!/bin/sh\nshift\nexec {sys.executable} {folder}/bin/fake.py "$@"\n')
    python.chmod(0o755)
    return python


class Settings:
    """The configuration that a test may change."""

    def __init__(self) -> None:
        self.config = Config()

    def __call__(self) -> Config:
        return self.config


@asynccontextmanager
async def kept(project: Project, settings: Settings | None = None) -> AsyncIterator[Zygotes]:
    made = Zygotes(project, settings or Settings())
    try:
        yield made
    finally:
        await made.close()


def forked(embryo: Embryo | None) -> Embryo:
    assert embryo is not None
    return embryo


def parent(embryo: Embryo) -> int:
    found = psutil.Process(embryo.pid).ppid()
    return int(found)


@bounded
async def test_forks_of_one_environment_have_one_zygote(project: Project, tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    async with kept(project) as zygotes:
        one, two = await asyncio.gather(zygotes.fork(python, ()), zygotes.fork(python, ()))
        other = forked(await zygotes.fork(python, ("sklearn",)))
        assert parent(forked(one)) == parent(forked(two)) != parent(other)
        for each in (forked(one), forked(two), other):
            each.discard()


@bounded
async def test_a_fork_becomes_what_it_is_told(project: Project, tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    async with kept(project) as zygotes:
        embryo = forked(await zygotes.fork(python, ()))
        with (tmp_path / "log").open("ab") as log:
            process = embryo.become(["python", "x"], cwd=tmp_path, env={"A": "1"}, log=log)
        while not (tmp_path / "log").read_text():
            await asyncio.sleep(0)
        order = json.loads((tmp_path / "log").read_text())
        assert order == {
            "argv": ["python", "x"],
            "env": {"A": "1"},
            "cwd": str(tmp_path),
            "descriptors": [],
        }
        process.terminate()
        assert await process.wait() == -signal.SIGTERM
        process.close()


@bounded
async def test_a_fork_that_is_not_needed_ends(project: Project, tmp_path: Path) -> None:
    async with kept(project) as zygotes:
        embryo = forked(await zygotes.fork(environment(tmp_path / "env"), ()))
        descriptor = os.pidfd_open(embryo.pid)
        embryo.discard()
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(descriptor, ended.set)
        await ended.wait()
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


@bounded
async def test_an_order_that_is_too_long_is_an_error(project: Project, tmp_path: Path) -> None:
    async with kept(project) as zygotes:
        embryo = forked(await zygotes.fork(environment(tmp_path / "env"), ()))
        with (tmp_path / "log").open("ab") as log, pytest.raises(LaunchError):
            embryo.become(["x"], cwd=tmp_path, env={"A": "x" * 20_000_000}, log=log)
        embryo.discard()


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ({"unsuitable": "it starts threads"}, "it starts threads"),
        ({}, "it ended before it was ready"),
    ],
)
def test_where_there_can_be_none_it_says_why_once(
    project: Project, tmp_path: Path, caplog: pytest.LogCaptureFixture, says: Any, told: str
) -> None:
    python = environment(tmp_path / "env", says or {"nothing": 1})

    @bounded
    async def history() -> None:
        async with kept(project) as zygotes:
            for _ in range(3):
                assert await zygotes.fork(python, ()) is None

    with caplog.at_level(logging.INFO):
        history()
    assert [record.message for record in caplog.records if told in record.message] == [
        f"instances of {python} are started, not forked: {told}"
    ]


@bounded
async def test_no_interpreter_no_fork(project: Project, tmp_path: Path) -> None:
    async with kept(project) as zygotes:
        assert await zygotes.fork(tmp_path / "none/bin/python", ()) is None


@bounded
async def test_one_that_is_killed_is_there_again(project: Project, tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    async with kept(project) as zygotes:
        first = forked(await zygotes.fork(python, ()))
        zygote = psutil.Process(parent(first))
        zygote.kill()
        while psutil.pid_exists(zygote.pid):
            await asyncio.sleep(0.01)
        second = forked(await zygotes.fork(python, ()))
        assert parent(second) != zygote.pid
        for each in (first, second):
            each.discard()


@bounded
async def test_one_that_is_stopped_is_replaced_at_once(project: Project, tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    async with kept(project) as zygotes:
        first = forked(await zygotes.fork(python, ()))
        zygote = parent(first)
        with (tmp_path / "log").open("ab") as log:
            fork = first.become(["python", "x"], cwd=tmp_path, env={}, log=log)
        while not (tmp_path / "log").read_text():
            await asyncio.sleep(0.01)
        os.kill(zygote, signal.SIGSTOP)
        while psutil.Process(zygote).status() != psutil.STATUS_STOPPED:
            await asyncio.sleep(0.01)
        began = since_boot()
        assert await zygotes.fork(python, ()) is None
        assert since_boot() - began < FORK_PATIENCE, "nobody waits for it"
        while psutil.pid_exists(zygote):
            await asyncio.sleep(0.01)
        forked(await zygotes.fork(python, ())).discard()
        assert not has_ended(fork.pid), "it lives on"
        fork.kill()
        assert await fork.wait() is None
        fork.close()


@bounded
async def test_one_that_hangs_is_given_up(project: Project, tmp_path: Path) -> None:
    python = environment(tmp_path / "env", {"ready": True, "hangs": 600})
    async with kept(project) as zygotes:
        began = since_boot()
        assert await zygotes.fork(python, ()) is None
        assert since_boot() - began < FORK_PATIENCE


@bounded
async def test_one_that_works_is_waited_for(project: Project, tmp_path: Path) -> None:
    python = environment(tmp_path / "env", {"ready": True, "works": 3.5 * LOOK})
    async with kept(project) as zygotes:
        forked(await zygotes.fork(python, ())).discard()


@bounded
async def test_the_end_of_a_fork_is_seen_though_its_zygote_hangs(
    project: Project, tmp_path: Path
) -> None:
    python = environment(tmp_path / "env")
    async with kept(project) as zygotes:
        embryo = forked(await zygotes.fork(python, ()))
        zygote = parent(embryo)
        with (tmp_path / "log").open("ab") as log:
            process = embryo.become(["python", "x"], cwd=tmp_path, env={}, log=log)
        os.kill(zygote, signal.SIGSTOP)
        process.kill()
        began = since_boot()
        assert await process.wait() is None
        assert since_boot() - began < FORK_PATIENCE
        process.close()


@pytest.mark.parametrize("seconds", [0.0, 0.04, 0.08, 0.12])
@bounded
async def test_a_fork_that_nobody_waits_for_is_taken_for_no_other(
    project: Project, tmp_path: Path, seconds: float
) -> None:
    """Else the wrong process would count as each instance from then on, and be killed as such."""
    python = environment(tmp_path / "env", {"ready": True, "missing": {}, "hangs": 0.08})
    async with kept(project) as zygotes:
        forked(await zygotes.fork(python, ())).discard()
        given_up = asyncio.create_task(zygotes.fork(python, ()))
        await asyncio.wait([given_up], timeout=seconds)  # before its request, its answer, after
        given_up.cancel()
        await asyncio.wait([given_up])
        embryo = forked(await zygotes.fork(python, ()))
        zygote = psutil.Process(parent(embryo))
        with (tmp_path / "log").open("ab") as log:
            process = embryo.become(["python", "x"], cwd=tmp_path, env={}, log=log)
        # Once it has its order, it leads a session.
        while not (tmp_path / "log").read_text():
            await asyncio.sleep(0.01)
        assert os.getsid(process.pid) == process.pid
        if not given_up.cancelled():
            forked(given_up.result()).discard()
        while [child.pid for child in zygote.children()] != [process.pid]:
            await asyncio.sleep(0.01)
        process.kill()
        assert await process.wait() == -signal.SIGKILL
        process.close()


@bounded
async def test_packages_that_change_are_seen(project: Project, tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    async with kept(project) as zygotes:
        before = forked(await zygotes.fork(python, ()))
        (tmp_path / "env/lib/python3.11/site-packages/new.py").write_text("")
        after = forked(await zygotes.fork(python, ()))
        assert parent(before) != parent(after)
        # It stays while its forks live: it tells how they end.
        assert psutil.pid_exists(parent(before))
        before.discard()
        after.discard()


@bounded
async def test_what_nobody_used_for_long_goes(project: Project, tmp_path: Path) -> None:
    settings = Settings()
    python = environment(tmp_path / "env")
    async with kept(project, settings) as zygotes:
        embryo = forked(await zygotes.fork(python, ()))
        zygote, now = parent(embryo), since_boot()
        zygotes.tidy(now + settings.config.zygote_timeout)
        assert psutil.pid_exists(zygote), "its fork lives"
        embryo.discard()
        zygotes.tidy(now + settings.config.zygote_timeout - 10)
        assert psutil.pid_exists(zygote)
        settings.config = replace(settings.config, zygote_timeout=0)
        zygotes.tidy(now + 1e9)
        assert psutil.pid_exists(zygote)
        settings.config = Config()
        zygotes.tidy(now + settings.config.zygote_timeout + 10)
        while psutil.pid_exists(zygote):
            await asyncio.sleep(0.01)


@bounded
async def test_too_many_are_too_many(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings()
    settings.config = replace(settings.config, zygote_memory=250)
    monkeypatch.setattr(module, "_memory", lambda _: 100)
    async with kept(project, settings) as zygotes:
        pids = []
        for name in ("one", "two", "three"):
            embryo = forked(await zygotes.fork(environment(tmp_path / name), ()))
            pids.append(parent(embryo))
            embryo.discard()
        zygotes.tidy(since_boot())
        while psutil.pid_exists(pids[0]):
            await asyncio.sleep(0.01)
        assert all(psutil.pid_exists(pid) for pid in pids[1:])


@bounded
async def test_the_end_leaves_none(project: Project, tmp_path: Path) -> None:
    async with kept(project) as zygotes:
        embryo = forked(await zygotes.fork(environment(tmp_path / "env"), ()))
        zygote = parent(embryo)
        embryo.discard()
        starting = asyncio.create_task(zygotes.warm(environment(tmp_path / "other"), ()))
        await asyncio.sleep(0)
    assert not psutil.pid_exists(zygote)
    with pytest.raises(asyncio.CancelledError):
        await starting
