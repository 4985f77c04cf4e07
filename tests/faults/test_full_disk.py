"""A full disk stops nobody from serving: apps, new visitors, restarts, and what is killed."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import scripts
from tests.faults.load import Load
from tests.faults.report import Report
from tests.faults.small_disk import Crowded, Full, small_disk
from tests.faults.waiting import in_loop, until
from tests.faults.watching import Watch
from tests.journeys.project import SampleProject

PATHS = ("/", "/app/one/", "/app/one/_stcore/host-config", "/app/two/api/")

LOUD = scripts.COUNTER + 'import sys\nprint("x" * 9999)\nprint("y" * 9999, file=sys.stderr)\n'
"""Prints more than there is room for in what its log takes of the disk already."""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with small_disk(tmp_path_factory.mktemp("small")) as place:
        yield place


@pytest.fixture(scope="module")
def project(disk: Path) -> Iterator[SampleProject]:
    """A running project on a small disk; `drowsy` sleeps."""
    apps = {key: {"venv": sys.prefix} for key in ("one", "two", "drowsy")}
    project = SampleProject.make(disk / "project", apps)
    project.share_nothing()
    for key in ("one", "drowsy"):
        project.add(key, LOUD)
    manifest = f'{scripts.SERVICE_MANIFEST}venv = "{sys.prefix}"\n'
    (project.add("two", LOUD, app_toml=manifest) / "served.py").write_text(scripts.SERVICE)
    try:
        project.run("start")
        project.run("sleep", "drowsy")
        yield project
    finally:
        project.end()


def pid(document: dict[str, Any], app: str) -> int:
    """Return the process that serves an app, or one of our own."""
    manager = document["manager"]
    if app in {"site", "gateway"}:
        return int(manager[app]["pid"] or 0)
    instances = document["apps"][app]["instances"]
    return next((int(each["pid"]) for each in instances if each["state"] == "running"), 0)


def problems(document: dict[str, Any]) -> list[str]:
    return [each["message"] for each in document["manager"]["problems"] if each["path"] == "disk"]


async def run(project: SampleProject, *words: str, code: int = 0) -> str:
    done = await asyncio.to_thread(project.run, *words, code=code)
    return done.stdout + done.stderr


async def kill(watch: Watch, app: str) -> None:
    """Kill a process and wait for its successor."""
    before = pid(watch.last, app)
    os.kill(before, signal.SIGKILL)
    await watch.until(lambda document: pid(document, app) not in {0, before}, f"another {app}")


def nobody_lost_anything(report: Report, *, but: set[str]) -> None:
    assert report.failed == ()
    assert report.wrong == ()
    assert {each.app for each in report.breaks} <= but


@in_loop
async def test_all_go_on_serving(project: SampleProject, disk: Path) -> None:
    async with Load(project.url, {"one": 3, "two": 2}, PATHS) as load, Watch(project) as watch:
        with Full(disk):
            # Not just any: who looks while the disk fills up says how much is left.
            problem = [f"nothing is left on the disk of {project.root}"]
            await watch.until(lambda document: problems(document) == problem, "the problem", 0.0)
            await load.open("one", 2)
            await load.open("drowsy", 2)
            await kill(watch, "two")
            await load.until(lambda report: len(report.breaks) == 2, "the tabs' return")
            await load.open("two", 1)
            before = pid(watch.last, "one")
            await run(project, "restart", "one")
            (tab,) = await load.open("one")
            assert tab.pid == pid(watch.last, "one") != before
            assert "nothing is left on the disk" in await run(project, "status")
            assert "free some space" in await run(project, "doctor", code=1)
            assert "x" * 999 in await run(project, "logs", "one")
        await watch.until(lambda document: not problems(document), "the problem's end")
    nobody_lost_anything(load.report(), but={"two"})
    said = (project.root / "logs/one.log").read_text()
    assert "bytes are missing here: No space left on device]" in said


@in_loop
async def test_what_is_killed_comes_back(project: SampleProject, disk: Path) -> None:
    """The next manager knows what was started on the full disk."""
    apps = ("one", "two", "drowsy")
    async with (
        Load(project.url, {"one": 2, "drowsy": 1}, interval=1.0) as load,
        Watch(project) as watch,
    ):
        with Full(disk):
            await run(project, "restart", "one")
            await run(project, "restart", "drowsy")
            before = {app: pid(watch.last, app) for app in apps}
            os.kill(watch.last["manager"]["pid"], signal.SIGKILL)
            await run_again(project, watch)
            assert {app: pid(watch.last, app) for app in apps} == before
            await kill(watch, "site")
            assert load.report().breaks == ()
            await kill(watch, "gateway")
            await load.until(lambda report: len(report.breaks) == 3, "the tabs' return")
            await kill(watch, "one")
            await run(project, "restart", "two")
            for app in apps:
                (tab,) = await load.open(app)
                assert tab.pid == pid(watch.last, app)
            assert len(await until(lambda: problems(watch.last), "the problem")) == 1
        await watch.until(lambda document: not problems(document), "the problem's end")
    assert load.report().wrong == ()


@in_loop
async def test_a_disk_with_no_room_for_one_more_file_ends_no_manager(
    project: SampleProject, disk: Path
) -> None:
    async with Load(project.url, {"one": 2, "two": 2}) as load, Watch(project) as watch:
        manager = watch.last["manager"]["pid"]
        with Crowded(disk):
            await kill(watch, "two")
            await run(project, "sleep", "drowsy")
            assert watch.last["manager"]["pid"] == manager
        # Nobody may find what slept or was replaced meanwhile, until it has its name.
        await watch.until(lambda document: not problems(document), "the problem's end")
        await load.until(lambda report: len(report.breaks) == 2, "the tabs' return")
        await load.open("drowsy")
        await load.open("two")
        assert watch.last["manager"]["pid"] == manager
    nobody_lost_anything(load.report(), but={"two"})


async def run_again(project: SampleProject, watch: Watch) -> None:
    """Wait for another manager."""
    before = watch.last["manager"]["pid"]
    await watch.until(lambda document: document["manager"]["pid"] != before, "another manager")


@in_loop
async def test_it_ends_and_says_why_it_does_not_start(project: SampleProject, disk: Path) -> None:
    with Full(disk):
        await run(project, "stop")
        assert project.processes() == []
        said = await run(project, "start", code=1)
        assert f"cannot be started: nothing is left on the disk of {project.root}" in said
        assert "free some space" in said
        assert project.processes() == []
