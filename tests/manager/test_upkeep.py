"""Logs are bounded, the disk is watched, and who looks for the manager finds it."""

import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls import disk
from streamlit_controls.core.errors import ControllerError, Problem
from streamlit_controls.manager import reserve, upkeep
from streamlit_controls.manager.upkeep import Upkeep
from streamlit_controls.project import Project
from tests.support.asynchronous import bounded
from tests.support.projects import make_project

SOME = (Problem("disk", "nothing is left"),)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(upkeep, "INTERVAL", 0.01)
    monkeypatch.setattr(upkeep, "LEAST", 0.001)
    monkeypatch.setattr(disk, "lacking", lambda _: iter(()))
    return make_project(tmp_path)


class Looks:
    """Upkeep that runs, and a way to wait for its looks."""

    def __init__(self, project: Project) -> None:
        self.upkeep = Upkeep(project, "secret", 8499, self._looked)
        self._seen = asyncio.Event()

    def _looked(self) -> None:
        self._seen.set()

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for a look after which something is true."""
        while not true():
            self._seen.clear()
            await self._seen.wait()


@contextlib.asynccontextmanager
async def running(project: Project) -> AsyncIterator[Looks]:
    looks = Looks(project)
    looks.upkeep.introduce()
    task = asyncio.create_task(looks.upkeep.run())
    try:
        yield looks
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()


@bounded
async def test_logs_are_rotated_and_other_files_are_not(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "LOG_BYTES", 8192)
    for name in ("hello.log", "notes.txt"):
        (project.logs / name).write_bytes(b"0123456789abcde\n" * 10_000)
    async with running(project) as looks:
        await looks.until(lambda: (project.logs / "hello.log").stat().st_size <= 8192)
    names = sorted(path.name for path in project.logs.iterdir())
    assert names == ["hello.log", "hello.log.1", "hello.log.2", "hello.log.3", "notes.txt"]
    assert (project.logs / "notes.txt").stat().st_size == 160_000


@bounded
async def test_one_log_that_cannot_be_rotated_keeps_no_other_from_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned: list[str] = []

    def turn(path: Path, *_: int) -> int:
        turned.append(path.name)
        raise OSError(errno.EIO, "bad disk")

    monkeypatch.setattr(upkeep, "rotate", turn)
    for name in ("one.log", "two.log"):
        (project.logs / name).touch()
    async with running(project) as looks:
        await looks.until(lambda: {"one.log", "two.log"} <= set(turned))


@bounded
async def test_a_folder_of_logs_that_was_deleted_is_there_again(project: Project) -> None:
    async with running(project) as looks:
        with (project.logs / "hello.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec("sleep", "60", stdout=log)
        shutil.rmtree(project.logs)
        await looks.until(lambda: looks.upkeep.problems)
        assert looks.upkeep.problems[0].path == "logs"
        await looks.until(project.logs.is_dir)
        process.kill()
        await process.wait()
        await looks.until(lambda: not looks.upkeep.problems)


@pytest.mark.parametrize(("grown", "faster"), [(100 * 1024**2, True), (0, False)])
@bounded
async def test_a_log_that_grows_fast_is_looked_at_more_often(
    project: Project, monkeypatch: pytest.MonkeyPatch, grown: int, faster: bool
) -> None:
    (project.logs / "hello.log").touch()
    monkeypatch.setattr(upkeep, "rotate", lambda *_: grown)
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", pause)
    monkeypatch.setattr(upkeep, "INTERVAL", 2.0)
    monkeypatch.setattr(upkeep, "LEAST", 0.1)
    async with running(project) as looks:
        await looks.until(lambda: len(pauses) > 10)
    assert (max(pauses[6:]) < 2.0) is faster
    assert min(pauses) >= (0.1 if faster else 2.0)


@bounded
async def test_between_two_looks_others_have_as_much_time_as_a_look_took(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.logs / "hello.log").touch()
    seconds, pauses, now = 3.0, [], [0.0]
    sleep = asyncio.sleep

    def turn(*_: object) -> int:
        now[0] += seconds
        return 100 * 1024**2

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(upkeep, "rotate", turn)
    monkeypatch.setattr(asyncio, "sleep", pause)
    monkeypatch.setattr(upkeep, "time", type("Clock", (), {"monotonic": lambda: now[0]}))
    async with running(project) as looks:
        await looks.until(lambda: len(pauses) > 3)
    assert min(pauses) >= seconds


@bounded
async def test_a_full_disk_is_a_problem_until_there_is_room(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(project) as looks:
        await looks.until((project.run / reserve.NAME).exists)
        monkeypatch.setattr(disk, "lacking", lambda _: iter(SOME))
        await looks.until(lambda: looks.upkeep.problems == SOME)
        (project.run / reserve.NAME).unlink()
        monkeypatch.setattr(disk, "lacking", lambda _: iter(()))
        await looks.until(lambda: not looks.upkeep.problems)
        assert (project.run / reserve.NAME).exists()


def test_what_cannot_be_written_is_a_problem_until_it_can(project: Project) -> None:
    def fail() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "state.json")

    written: list[int] = []
    kept = Upkeep(project, "secret", 8499)
    kept.note(fail, lambda: written.append(1))
    assert written == [1]
    assert (kept.all_written, len(kept.problems)) == (False, 1)
    assert [each.path for each in kept.problems] == ["disk"]
    assert kept.problems[0].message == f"{project.run} cannot be written: Permission denied"
    kept.note(lambda: written.append(2), lambda: written.append(3))
    assert (kept.all_written, kept.problems) == (True, ())


@bounded
async def test_who_deletes_the_address_gets_it_back(project: Project) -> None:
    async with running(project) as looks:
        project.address_file.unlink()
        await looks.until(project.address_file.exists)
    assert project.address_file.read_text() == "127.0.0.1:8499\n"
    assert project.token_file.read_text() == "secret\n"
    assert project.token_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", [None, b"", b"another", b"caf\xe9", b"x" * 5000])
@bounded
async def test_who_deletes_or_changes_the_token_gets_it_back(
    project: Project, text: bytes | None
) -> None:
    async with running(project) as looks:
        project.token_file.unlink()
        if text is not None:
            project.token_file.write_bytes(text)
        await looks.until(lambda: token(project) == b"secret\n")
    assert project.token_file.stat().st_mode & 0o777 == 0o600
    assert project.address_file.read_text() == "127.0.0.1:8499\n"


@bounded
async def test_a_pipe_in_place_of_the_token_keeps_nobody_waiting(project: Project) -> None:
    async with running(project) as looks:
        project.token_file.unlink()
        os.mkfifo(project.token_file)
        await looks.until(project.token_file.is_file)
    assert token(project) == b"secret\n"


def token(project: Project) -> bytes:
    try:
        return project.token_file.read_bytes()
    except FileNotFoundError:
        return b""


def test_a_manager_that_cannot_say_where_it_is_says_why(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(reserve, "write_atomically", full)
    with pytest.raises(ControllerError, match=r"cannot be started: .*No space left on device"):
        Upkeep(project, "secret", 8499).introduce()
