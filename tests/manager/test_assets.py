"""Folders of front-end files: made once per version, and only from what they stand for."""

import asyncio
import logging
import sys
from pathlib import Path

import psutil
import pytest

from streamlit_controls import disk
from streamlit_controls.core.errors import Problem
from streamlit_controls.manager import assets
from streamlit_controls.manager.assets import Assets
from streamlit_controls.project import Project
from tests.support.asynchronous import bounded
from tests.support.projects import make_project
from tests.support.streamlit_packages import FILES, make_streamlit


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note each run of the program that makes a folder."""
    noted: list[Path] = []
    real = assets._maker

    async def maker(python: Path, into: Path, mark: str) -> str | None:
        noted.append(into)
        return await real(python, into, mark)

    monkeypatch.setattr(assets, "_maker", maker)
    return noted


@bounded
async def test_who_asks_first_has_it_made_and_the_others_share_it(
    project: Project, tmp_path: Path, calls: list[Path]
) -> None:
    pythons = [make_streamlit(tmp_path / f"venv{number}") for number in range(4)]
    made = Assets(project)
    folder = project.state / "assets/streamlit-1.67.0"
    assert await asyncio.gather(*map(made.made, pythons)) == [folder] * 4
    assert len(calls) == 1
    assert (folder / "page/index.html").is_file()
    assert await Assets(project).made(pythons[0]) == folder
    assert len(calls) == 1
    assert [path.name for path in folder.parent.iterdir()] == ["streamlit-1.67.0"]


@bounded
async def test_each_version_has_its_own(project: Project, tmp_path: Path) -> None:
    made = Assets(project)
    for version in ("1.66.0", "1.67.0"):
        folder = await made.made(make_streamlit(tmp_path / version, version=version))
        assert folder is not None
        assert folder.name == f"streamlit-{version}"


@bounded
async def test_other_files_of_the_same_version_are_their_app_s(
    project: Project, tmp_path: Path, calls: list[Path]
) -> None:
    made = Assets(project)
    assert await made.made(make_streamlit(tmp_path / "a"))
    other = make_streamlit(tmp_path / "b", {**FILES, "static/js/tiny.js": b"2"})
    assert await made.made(other) is None
    assert len(calls) == 1


@bounded
async def test_without_a_streamlit_there_is_nothing_to_make(
    project: Project, tmp_path: Path, calls: list[Path]
) -> None:
    assert await Assets(project).made(tmp_path / "bin/python") is None
    assert calls == []


@bounded
async def test_what_is_unfit_is_said_once(
    project: Project, tmp_path: Path, calls: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    index = FILES["index.html"].replace(b"index.css", b"absent.css")
    python = make_streamlit(tmp_path / "venv", {**FILES, "index.html": index})
    made = Assets(project)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert await made.made(python) is None
    assert len(calls) == 1
    (record,) = caplog.records
    assert record.message == (
        "assets: no files of Streamlit 1.67.0 for all apps: "
        "index.html refers to ./static/css/absent.css, which is no file of it"
    )
    assert list((project.state / "assets").iterdir()) == []


@bounded
async def test_a_new_release_of_ours_makes_it_anew(
    project: Project, tmp_path: Path, calls: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    python = make_streamlit(tmp_path / "venv")
    folder = await Assets(project).made(python)
    assert folder is not None
    (folder / "page/index.html").write_text("as it was made before")
    monkeypatch.setattr(assets, "_recipe", lambda: "another")
    assert await Assets(project).made(python) == folder
    assert "<title>" not in (page := (folder / "page/index.html").read_text())
    assert "/assets/streamlit-1.67.0/" in page
    assert len(calls) == 2
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@bounded
async def test_a_new_release_of_ours_that_cannot_make_it_keeps_the_old(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = make_streamlit(tmp_path / "venv")
    folder = await Assets(project).made(python)

    async def complains(*_: object) -> str:
        return "no room"

    monkeypatch.setattr(assets, "_recipe", lambda: "another")
    monkeypatch.setattr(assets, "_maker", complains)
    assert await Assets(project).made(python) == folder


@bounded
async def test_where_nothing_can_be_written_apps_serve_their_own(
    project: Project, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    python = make_streamlit(tmp_path / "venv")
    made = Assets(project)
    (project.state / "assets").rmdir()
    with caplog.at_level(logging.WARNING):
        assert await made.made(python) is None
    assert "assets: streamlit-1.67.0 cannot be made: " in caplog.text
    (project.state / "assets").mkdir()
    assert await made.made(python) is not None


@pytest.mark.parametrize("full", [False, True])
@bounded
async def test_what_a_full_disk_prevented_is_made_when_there_is_room(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    """What files prevent that are unlike the ones that were installed would end the same."""
    python, made = make_streamlit(tmp_path / "venv"), Assets(project)
    problem = Problem("disk", "nothing is left")

    async def complains(*_: object) -> str:
        return "No space left on device"

    with monkeypatch.context() as patch:
        patch.setattr(assets, "_maker", complains)
        patch.setattr(disk, "lacking", lambda _: iter([problem] if full else []))
        assert await made.made(python) is None
    assert (await made.made(python) is not None) is full


@bounded
async def test_what_a_killed_manager_left_is_taken_away(project: Project) -> None:
    left = project.state / "assets/making-x/files"
    left.mkdir(parents=True)
    Assets(project)
    assert not left.parent.exists()


@pytest.mark.parametrize("how", ["cancelled", "too slow"])
@bounded
async def test_the_program_is_ended(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(slow))
    made, before = Assets(project), psutil.Process().children()
    task = asyncio.create_task(made.made(make_streamlit(tmp_path / "venv")))
    if how == "cancelled":
        while psutil.Process().children() == before:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        monkeypatch.setattr(assets, "TIMEOUT", 0.2)
        assert await task is None
    assert psutil.Process().children() == before
    assert list((project.state / "assets").iterdir()) == []
