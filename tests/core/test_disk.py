"""Too little room is told before there is none, and what to do about it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls import disk
from streamlit_controls.project import Project
from tests.support.projects import make_project

PLENTY = {"f_bavail": 10**9, "f_frsize": 4096, "f_files": 10**9, "f_favail": 10**9, "f_flag": 0}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project")


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put everything on a disk with these numbers."""

    def put(**numbers: int) -> None:
        found = type("Disk", (), PLENTY | numbers)
        monkeypatch.setattr(os, "statvfs", lambda _: found)

    return put


def test_where_there_is_room_nothing_is_lacking(project: Project, on: Callable[..., None]) -> None:
    for numbers in ({}, {"f_bavail": 16384}, {"f_files": 0, "f_favail": 0}):
        on(**numbers)
        assert list(disk.lacking(project)) == []


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"f_bavail": 16383}, "63 MB are left on the disk of {}"),
        ({"f_bavail": 0}, "nothing is left on the disk of {}"),
        ({"f_bavail": 0, "f_flag": os.ST_RDONLY}, "the disk of {} is read-only"),
        ({"f_favail": 999}, "only 999 more files can be made on the disk of {}"),
    ],
)
def test_what_is_lacking(
    project: Project, on: Callable[..., None], numbers: dict[str, int], message: str
) -> None:
    on(**numbers)
    (problem,) = disk.lacking(project)
    assert problem.path == "disk"
    assert problem.message == message.format(project.root)
    assert problem.hint


def test_a_disk_of_the_logs_own_is_looked_at_too(
    project: Project, on: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def elsewhere(self: Path, **more: Any) -> Any:
        found = stat(self, **more)
        return type("Stat", (), {"st_dev": 77}) if self == project.logs else found

    on(f_bavail=0)
    monkeypatch.setattr(Path, "stat", elsewhere)
    places = [problem.message.rpartition(" ")[2] for problem in disk.lacking(project)]
    assert places == [str(project.root), str(project.logs)]


def test_what_is_not_there_yet_lies_where_its_folder_does(
    tmp_path: Path, on: Callable[..., None]
) -> None:
    on(f_bavail=0)
    (problem,) = disk.lacking(Project(tmp_path))
    assert problem.message.endswith(str(tmp_path))


def test_what_cannot_be_started_says_why(project: Project, on: Callable[..., None]) -> None:
    error = OSError(28, "No space left on device", "token")
    on(f_bavail=0)
    refused = disk.refusal(project, error)
    assert refused.message == f"it cannot be started: nothing is left on the disk of {project.root}"
    assert refused.hint.startswith("free some space")
    on()
    assert "No space left on device: 'token'" in disk.refusal(project, error).message
