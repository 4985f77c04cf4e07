"""Edits while the manager runs: shown without being asked for, applied only where nothing ran."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from streamlit_controls.core.errors import ConfigError
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.manager import edits, loader
from streamlit_controls.manager.board import Board
from streamlit_controls.manager.desired import Desired
from streamlit_controls.manager.edits import Edits
from streamlit_controls.project import Project
from tests.support.asynchronous import bounded
from tests.support.projects import make_app, make_project
from tests.support.samples import replica

IN_WAITING = "was edited, and is not in force yet (./streamlit_controller refresh takes it up)"


class Running:
    """A project whose edits are looked at when the test says so."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.desired = Desired(project, None)
        self.board = Board(Snapshot(self.desired.config, {}, ()))
        self.wished = 0
        self.edits = Edits(project, self.desired, self.board, self._wish)
        self.good = project.config_file.read_text()

    def _wish(self) -> None:
        self.wished += 1

    async def problems(self) -> list[str]:
        await self.edits.look()
        return [str(each) for each in self.desired.problems]


@pytest.fixture
def running(tmp_path: Path) -> Running:
    return Running(make_project(tmp_path, {"apps": {"hello": {"port": 8501}}}, "hello"))


def unreadable(file: Path) -> None:
    file.unlink()
    file.mkdir()


def dangling(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere.json")


NONSENSE: dict[str, tuple[Callable[[Path], object], str]] = {
    "nonsense": (lambda file: file.write_text("{"), "line 1, column 2: no JSON"),
    "truncated": (lambda file: os.truncate(file, file.stat().st_size // 2), "line 4"),
    "emptied": (lambda file: os.truncate(file, 0), "is empty"),
    "deleted": (lambda file: file.unlink(), "is not there any more (put it back"),
    "unreadable": (unreadable, "cannot be read: Is a directory"),
    "dangling": (dangling, "leads to nowhere.json, which is not there (put it back"),
    "no text": (lambda file: file.write_bytes(b"\xff\xfe{}"), "is no UTF-8 text"),
    "no object": (lambda file: file.write_text("[]"), "should be a JSON object"),
    "a word": (lambda file: file.write_text('{"website_prt": 1}'), "website_prt: unknown key"),
}


@pytest.mark.parametrize(("break_it", "problem"), NONSENSE.values(), ids=NONSENSE.keys())
@bounded
async def test_nonsense_is_shown_and_goes_when_it_is_mended(
    running: Running, break_it: Callable[[Path], object], problem: str
) -> None:
    file, before = running.project.config_file, running.desired.config
    assert await running.problems() == []
    break_it(file)
    (shown,) = await running.problems()
    assert shown.startswith(problem)
    assert running.wished == 1
    assert await running.problems() == [shown]
    assert running.wished == 1, "nothing is new"
    with contextlib.suppress(FileNotFoundError):
        if file.is_dir():
            file.rmdir()
        else:
            file.unlink()
    file.write_text(running.good)
    assert await running.problems() == []
    assert running.wished == 2
    assert running.desired.config is before


@bounded
async def test_a_good_edit_is_in_force_after_a_refresh_and_not_before(running: Running) -> None:
    file = running.project.config_file
    file.write_text(running.good.replace("8501", "8777"))
    assert await running.problems() == [IN_WAITING]
    assert running.desired.config.apps[0].port == 8501
    running.desired.refresh()
    assert await running.problems() == []
    assert running.desired.config.apps[0].port == 8777


@bounded
async def test_what_start_and_refresh_write_is_no_news(running: Running) -> None:
    make_app(running.project, "new")
    running.desired.refresh()
    assert "new" in json.loads(running.project.config_file.read_text())["apps"]
    assert await running.problems() == []
    assert running.wished == 0


@bounded
async def test_a_manifest_that_breaks(running: Running) -> None:
    assert await running.problems() == []
    make_app(running.project, "hello", "name =")
    (shown,) = await running.problems()
    assert shown.startswith("hello/app.toml: no TOML")
    make_app(running.project, "hello", 'name = "Hi"')
    assert await running.problems() == [f"hello/app.toml: {IN_WAITING}"]
    running.desired.try_anew(["hello"])
    assert await running.problems() == [], "it is in force now"
    (running.project.apps / "hello/app.toml").unlink()
    assert await running.problems() == [f"hello/app.toml: {IN_WAITING}"]


@bounded
async def test_a_refresh_meanwhile_is_not_undone(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before it says nothing about what is in force after it."""
    real, file = loader.look, running.project.config_file

    def slow(project: Project) -> object:
        try:
            return real(project)
        finally:
            file.write_text(running.good.replace("8501", "8777"))
            running.desired.refresh()

    file.write_text("{")
    with monkeypatch.context() as patch:
        patch.setattr(loader, "look", slow)
        assert await running.problems() == []
    assert await running.problems() == []


@bounded
async def test_problems_of_a_refresh_stay_on_show(running: Running) -> None:
    running.project.config_file.write_text("{")
    with pytest.raises(ConfigError):
        running.desired.refresh()
    (shown,) = [str(each) for each in running.desired.problems]
    assert await running.problems() == [shown]
    assert running.wished == 0


def failed(running: Running) -> Snapshot:
    return Snapshot(running.desired.config, {}, (replica(State.FAILED),))


@bounded
async def test_what_failed_is_wished_anew_when_it_is_edited(running: Running) -> None:
    running.board.publish(failed(running))
    await running.edits.try_anew()
    assert (running.wished, running.desired.generation("hello")) == (0, 1)
    make_app(running.project, "hello", 'name = "Mended"')
    await running.edits.try_anew()
    assert (running.wished, running.desired.generation("hello")) == (1, 2)
    assert running.desired.config.apps[0].name == "Mended"
    assert await running.problems() == []


@bounded
async def test_nothing_is_tried_when_everything_is_being_stopped(running: Running) -> None:
    running.board.publish(failed(running))
    await running.edits.try_anew()
    running.desired.leave()
    make_app(running.project, "hello", 'name = "Mended"')
    await running.edits.try_anew()
    assert (running.wished, running.desired.generation("hello")) == (0, 1)


@contextlib.asynccontextmanager
async def looking(running: Running) -> AsyncIterator[None]:
    task = asyncio.create_task(running.edits.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


@bounded
async def test_nobody_needs_to_ask(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "INTERVAL", 0.01)
    async with looking(running):
        running.board.publish(Snapshot(running.desired.config, {}, (replica(State.BUILDING),)))
        while not running.edits._chance._tried:
            await asyncio.sleep(0.001)
        make_app(running.project, "hello", 'name = "Mended before it failed"')
        running.board.publish(failed(running))
        while not running.wished:
            await asyncio.sleep(0.001)
        assert running.desired.generation("hello") == 2
        running.project.config_file.write_text("{")
        while not running.desired.problems:
            await asyncio.sleep(0.001)


@bounded
async def test_a_look_that_fails_is_not_the_end(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Project) -> None:
        raise PermissionError(13, "Permission denied", "apps")

    monkeypatch.setattr(edits, "INTERVAL", 0.001)
    async with looking(running):
        with monkeypatch.context() as patch:
            patch.setattr(loader, "look", broken)
            while "Permission denied" not in caplog.text:
                await asyncio.sleep(0.001)
        running.project.config_file.write_text("{")
        while not running.desired.problems:
            await asyncio.sleep(0.001)
    assert caplog.text.count("cannot be looked at") == 1
