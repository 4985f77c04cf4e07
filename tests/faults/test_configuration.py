"""What people write while all runs: nonsense is shown, not obeyed; mends count at once."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls.client import Client
from streamlit_controls.core.errors import ManagerNotRunning
from streamlit_controls.project import Project
from tests.journeys import scripts
from tests.journeys.project import SampleProject
from tests.support.waiting import until

PATIENCE = 60.0
BROKEN = "import streamlit as st\ndef broken(:\n"


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A running project with a good app, and one whose manifest and whose script are broken."""
    plain = {"warm": False}  # one process takes less time to start than a zygote and its fork
    project = SampleProject.make(
        tmp_path_factory.mktemp("edited") / "project", {"good": plain, "broken": plain}
    )
    project.add("good", scripts.SLIDER)
    project.add("broken", BROKEN, app_toml="nam = 'x'\n")
    try:
        project.run("start", code=1)
        yield project
    finally:
        project.end()


def status(project: SampleProject) -> dict[str, Any]:
    return Client.for_project(Project(project.root)).request("status")


def instances(status: dict[str, Any]) -> dict[str, list[str]]:
    """Return the ids of the instances of each app."""
    return {key: [each["id"] for each in app["instances"]] for key, app in status["apps"].items()}


def problems(project: SampleProject) -> list[str]:
    return [
        f"{each['path']}: {each['message']} ({each['hint']})"
        for each in status(project)["manager"]["problems"]
    ]


def shown(project: SampleProject, text: str) -> None:
    """Wait until the status shows one problem with a text; nobody asks for anything else."""

    def look() -> bool:
        found = problems(project)
        return len(found) == 1 and text in found[0]

    until(look, f"the problem {text!r}", PATIENCE)


def contents(file: Path) -> object:
    """Return what stands where config.json should be."""
    if file.is_symlink():
        return file.readlink()
    return file.read_bytes() if file.exists() else None


def half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def deleted(file: Path) -> None:
    file.unlink()


def a_link_to_nothing(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere.json")


BREAKS: list[tuple[Callable[[Path], None], str]] = [
    (half, "no JSON"),
    (deleted, "is not there any more (put it back, then ./streamlit_controller refresh"),
    (a_link_to_nothing, "leads to nowhere.json, which is not there (put it back"),
]


def test_nonsense_is_shown_within_seconds_and_overwrites_nothing(edited: SampleProject) -> None:
    good, before = edited.config.read_text(), status(edited)
    for break_it, problem in BREAKS:
        edited.config.unlink(missing_ok=True)
        edited.config.write_text(good)
        break_it(edited.config)
        left = contents(edited.config)
        shown(edited, problem)
        refused = edited.run("refresh", code=1).stderr
        assert problem.partition(" (")[0] in refused
        assert contents(edited.config) == left, "nothing overwrites what a person wrote"
        assert edited.get("/app/good/").status == 200
    edited.config.unlink()
    edited.config.write_text(good)
    until(lambda: not problems(edited), "the end of the problem", PATIENCE)
    after = status(edited)
    assert instances(after) == instances(before)


def test_what_is_good_again_and_another_is_in_force_after_a_refresh(edited: SampleProject) -> None:
    good = edited.config.read_text()
    edited.config.write_text(good.replace('"good": {', '"good": {"description": "Edited", '))
    shown(edited, "was edited, and is not in force yet (./streamlit_controller refresh")
    assert status(edited)["apps"]["good"]["description"] == ""
    edited.run("refresh", code=None)  # which tells that the other app is broken
    assert status(edited)["apps"]["good"]["description"] == "Edited"
    assert problems(edited) == []


def test_a_manager_killed_over_nonsense_goes_on_with_the_last_good_one(
    edited: SampleProject,
) -> None:
    good, before = edited.config.read_text(), status(edited)
    edited.config.write_text("{")
    (edited.root / "apps/good/app.toml").write_text("name =")
    edited.process("streamlit_controls.manager --project").kill()

    def successor() -> bool:
        try:
            return bool(status(edited)["manager"]["pid"] != before["manager"]["pid"])
        except ManagerNotRunning:
            return False

    until(successor, "another manager", PATIENCE)
    shown(edited, "line 1, column 2: no JSON")
    assert instances(status(edited)) == instances(before)
    assert edited.config.read_text() == "{"
    edited.config.write_text(good)
    shown(edited, "good/app.toml: no TOML")
    # What is broken on disk is not what its next process goes by.
    edited.run("restart", "good")
    (edited.root / "apps/good/app.toml").unlink()
    until(lambda: not problems(edited), "the end of the problem", PATIENCE)


def test_what_has_failed_is_tried_anew_when_it_is_edited(edited: SampleProject) -> None:
    """Its manifest counts at once then, config.json does not."""
    folder, written = edited.root / "apps/broken", edited.config.read_text()
    assert "app.toml.nam: unknown key" in status(edited)["apps"]["broken"]["error"]
    waiting = written.replace('"broken": {', '"broken": {"description": "Edited", ')
    assert waiting != written
    edited.config.write_text(waiting)
    (folder / "app.py").write_text(scripts.SLIDER)
    (folder / "app.toml").write_text('name = "Mended"\n')

    def mended() -> bool:
        broken = status(edited)["apps"]["broken"]
        return broken["state"] == "running" and broken["error"] is None

    until(mended, "a try with all of it as it is now", PATIENCE)
    broken = status(edited)["apps"]["broken"]
    assert (broken["name"], broken["description"]) == ("Mended", "")
    assert edited.get("/app/broken/").status == 200
    edited.config.write_text(written)


def test_a_failed_restart_is_tried_anew_when_it_is_edited(edited: SampleProject) -> None:
    """The older generation serves meanwhile."""
    folder, before = edited.root / "apps/good", edited.instance("good")
    (folder / "app.py").write_text(BROKEN)
    edited.run("restart", "good", code=1)
    assert edited.instance("good")["id"] == before["id"]
    shutil.copy(folder / "app.py", folder / "copy.txt")  # an edit, but no mend
    until(lambda: status(edited)["apps"]["good"]["generation"] > before["generation"] + 1, "a try")
    assert edited.get("/app/good/").status == 200
    (folder / "app.py").write_text(scripts.SLIDER)

    def replaced() -> bool:
        (first, *_) = status(edited)["apps"]["good"]["instances"]
        return bool(first["id"] != before["id"] and first["state"] == "running")

    until(replaced, "a try with the script as it is now", PATIENCE)


def test_a_start_with_nonsense_says_so_and_leaves_it(edited: SampleProject) -> None:
    edited.config.write_text('{"website_prt": 1}')
    edited.run("stop")
    failed = edited.run("start", code=1)
    assert "website_prt: unknown key" in failed.stderr
    assert edited.processes() == []
    assert edited.config.read_text() == '{"website_prt": 1}'
