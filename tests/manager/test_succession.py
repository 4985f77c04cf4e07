"""A manager that makes way for the next."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls.core.errors import ControllerError, Leaving
from streamlit_controls.core.protocol import Message
from streamlit_controls.core.unit import GATEWAY, SITE
from streamlit_controls.manager import succession
from streamlit_controls.manager.desired import Desired
from streamlit_controls.manager.link import KeeperLink
from streamlit_controls.manager.succession import Succession, Unfit, is_outdated
from streamlit_controls.project import Project
from tests.manager.keeper_link import FakeKeeper, linked
from tests.support.asynchronous import bounded
from tests.support.projects import make_project


class Gone(BaseException):
    """The process has ended."""


class Making:
    """A manager that can make way, and what it did for it."""

    def __init__(self, project: Project, link: KeeperLink, gateway: int | None = None) -> None:
        self.done: list[str] = []
        self.cannot_save = False
        self.desired = Desired(project, None)
        self.succession = Succession(
            project,
            self.desired,
            link,
            save=self.save,
            pause=lambda: self.done.append("pause"),
            gateway=lambda: gateway,
        )

    def save(self) -> None:
        if self.cannot_save:
            raise OSError(28, "No space left on device")
        self.done.append("save")

    async def answer(self) -> list[Message]:
        return [message async for message in self.succession.make_way()]

    async def end(self) -> None:
        assert self.succession._end is not None
        with contextlib.suppress(Gone):
            await self.succession._end


@pytest.fixture
def making(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Making, FakeKeeper]]:
    """One that finds all in order on disk, and whose process does not really end."""

    async def fit(_: Project) -> None:
        pass

    def end(_: int) -> None:
        raise Gone

    monkeypatch.setattr(succession, "check", fit)
    monkeypatch.setattr(succession, "RETRY", 0.01)
    monkeypatch.setattr(os, "_exit", end)
    with linked(tmp_path) as (link, keeper):
        yield Making(make_project(tmp_path, {}), link), keeper


@bounded
async def test_it_answers_writes_down_and_ends(making: tuple[Making, FakeKeeper]) -> None:
    it, keeper = making
    (reply,) = await it.answer()
    assert reply["result"] == {"pid": os.getpid(), "gateway": False}
    assert (it.desired.generation(SITE), it.desired.generation(GATEWAY)) == (2, 1)
    await it.end()
    assert it.done == ["save", "pause", "save"]
    assert keeper.heard() == [("reload", None)]


@bounded
async def test_who_asked_and_left_is_no_reason_to_stay(making: tuple[Making, FakeKeeper]) -> None:
    it, keeper = making
    messages: Any = it.succession.make_way()
    await anext(messages)
    await messages.aclose()
    await it.end()
    assert keeper.heard() == [("reload", None)]


@bounded
async def test_nothing_changes_where_all_is_being_stopped(
    making: tuple[Making, FakeKeeper],
) -> None:
    it, keeper = making
    it.desired.leave()
    with pytest.raises(Leaving):
        await it.answer()
    assert (it.done, it.desired.generation(SITE), keeper.heard()) == ([], 1, [])


@bounded
async def test_a_stop_that_comes_in_the_last_moment_is_carried_out(
    making: tuple[Making, FakeKeeper],
) -> None:
    it, keeper = making
    await it.answer()
    it.desired.leave()
    await it.end()
    assert keeper.heard() == []


@bounded
async def test_nobody_ends_who_cannot_write_down_what_runs(
    making: tuple[Making, FakeKeeper],
) -> None:
    it, keeper = making
    it.cannot_save = True
    with pytest.raises(ControllerError, match="No space left") as caught:
        await it.answer()
    assert caught.value.hint == "free some disk space"
    assert (it.done, keeper.heard()) == ([], [])


@bounded
async def test_it_waits_for_room(
    making: tuple[Making, FakeKeeper], caplog: pytest.LogCaptureFixture
) -> None:
    it, keeper = making
    await it.answer()
    it.cannot_save = True
    while "No space left" not in caplog.text:
        await asyncio.sleep(0.005)
    assert keeper.heard() == []
    it.cannot_save = False
    await it.end()
    assert keeper.heard() == [("reload", None)]


@bounded
async def test_what_does_not_come_up_is_told(
    making: tuple[Making, FakeKeeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unfit(_: Project) -> None:
        raise Unfit("the manager on disk does not come up: 1/0", ["1/0"])

    it, keeper = making
    monkeypatch.setattr(succession, "check", unfit)
    (reply,) = await it.answer()
    assert (reply["ok"], reply["result"]) == (False, {"log": ["1/0"]})
    assert "nothing has changed" in reply["error"]["hint"]
    assert (it.done, it.desired.generation(SITE), keeper.heard()) == ([], 1, [])


@bounded
async def test_the_code_that_is_here_is_fit(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(succession.__file__).parents[2]))
        await succession.check(make_project(tmp_path, {}))


@bounded
async def test_code_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(succession, "CHECK_SECONDS", 0.2)
    with pytest.raises(Unfit, match="the site on disk says nothing"):
        await succession._comes_up("site", ["-c", "import time; time.sleep(600)"])


def test_programs_and_memory_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    project = make_project(tmp_path, {})
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert succession.look_over(project) == 1
    assert f"{tmp_path}/bin/caddy is not there" in caplog.text
    (tmp_path / "bin").mkdir()
    for name in ("caddy", "uv"):
        (tmp_path / "bin" / name).touch(0o755)
    assert succession.look_over(project) == 0
    project.state_file.write_text("{}")
    assert succession.look_over(project) == 1
    assert "is not as this code reads it" in caplog.text


def test_another_program_in_the_place_of_one_that_runs(tmp_path: Path) -> None:
    program, other = tmp_path / "program", tmp_path / "other"
    shutil.copy2(shutil.which("sleep") or "", program)
    with subprocess.Popen([program, "600"]) as process:
        assert not is_outdated(process.pid, program)
        shutil.copy2(program, other)
        other.replace(program)
        assert not is_outdated(process.pid, program), "installed again"
        other.write_bytes(b"another")
        other.replace(program)
        assert is_outdated(process.pid, program)
        process.kill()
    assert not is_outdated(process.pid, program), "gone"
