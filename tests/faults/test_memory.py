"""Who uses more memory than allowed is replaced, and far more, ended; and why is written down."""

import asyncio
import re
import time

import psutil

from tests.faults.load import Load
from tests.faults.waiting import in_loop, until
from tests.faults.watching import Watch
from tests.journeys.project import SampleProject

PATHS = ("/", "/app/one/_stcore/host-config", "/app/hungry/", "/app/hungry/_stcore/host-config")

WHY = re.compile(r"used \d+ MB of memory; its limit is 200 MB")

OLD_ENOUGH = 61.0
"""Seconds that an instance must have run, or the next one would need as much."""


def eat(project: SampleProject, megabytes: int) -> None:
    """Have the next run of the app's script take memory."""
    (project.root / "apps/hungry/eat").write_text(str(megabytes))


@in_loop
async def test_above_its_limit_it_is_replaced_and_its_sessions_stay(busy: SampleProject) -> None:
    (instance,) = busy.status()["apps"]["hungry"]["instances"]
    age = time.time() - instance["started_at"]
    await asyncio.sleep(max(0.0, OLD_ENOUGH - age))
    async with Load(busy.url, {"hungry": 3, "one": 2}, PATHS) as load, Watch(busy) as watch:
        old = instance["pid"]
        assert {tab.pid for tab in load.of("hungry")} == {old}
        eat(busy, 200)

        def replaced() -> bool:
            running = [
                each
                for each in watch.last["apps"]["hungry"]["instances"]
                if each["state"] == "running"
            ]
            return bool(running) and running[0]["pid"] != old

        await until(replaced, "its replacement")
        (newcomer,) = await load.open("hungry")
        assert newcomer.pid != old
        app = watch.last["apps"]["hungry"]
        (draining,) = (each for each in app["instances"] if each["pid"] == old)
        assert (draining["state"], draining["sessions"]) == ("draining", 3)
        assert WHY.fullmatch(app["last_end"]["reason"])

        await load.close([tab for tab in load.of("hungry") if tab.pid == old])
        await until(lambda: not psutil.pid_exists(old), "the end of the old process")
    report = load.report()
    assert (report.failed, report.breaks, report.wrong) == ((), (), ())


@in_loop
async def test_far_above_its_limit_it_is_ended_at_once(busy: SampleProject) -> None:
    async with Load(busy.url, {"hungry": 3, "one": 2}, PATHS) as load, Watch(busy) as watch:
        (old,) = {tab.pid for tab in load.of("hungry")}
        eat(busy, 400)
        await load.until(lambda report: len(report.lost) == 3, "the tabs' return")
        assert old not in {tab.pid for tab in load.of("hungry")}
        app = watch.last["apps"]["hungry"]
        assert (app["state"], app["error"]) == ("running", None)
        assert WHY.fullmatch(app["last_end"]["reason"])
        assert {each["pid"] for each in app["instances"]}.isdisjoint({old})
    report = load.report()
    assert (report.failed, report.wrong) == ((), ())
    assert {each.app for each in report.breaks} == {"hungry"}
