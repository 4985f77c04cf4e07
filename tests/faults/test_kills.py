"""What is killed is back by itself: who was with it comes back, and nobody else notices."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.faults.asking import Answer, Wire
from tests.faults.load import Load
from tests.faults.report import Report
from tests.faults.waiting import in_loop, until
from tests.faults.watching import Watch
from tests.journeys.project import SampleProject

OTHERS = ("/", "/app/one/", "/app/one/_stcore/host-config", "/app/one/api/")
VICTIMS = ("/app/two/", "/app/two/_stcore/host-config", "/app/two/api/")

AT_ONCE = 0.1
"""Seconds within which the end of a process is noticed."""

TRIES = 6
"""How often that is measured; other programs want the processor, too."""

Pid = Callable[[SampleProject, dict[str, Any]], int]


def page(_: SampleProject, document: dict[str, Any]) -> int:
    return int(document["apps"]["two"]["instances"][0]["pid"])


def service(_: SampleProject, document: dict[str, Any]) -> int:
    return int(document["apps"]["two"]["services"]["served"]["instances"][0]["pid"])


def site(_: SampleProject, document: dict[str, Any]) -> int:
    return int(document["manager"]["site"]["pid"])


def gateway(_: SampleProject, document: dict[str, Any]) -> int:
    return int(document["manager"]["gateway"]["pid"])


def zygote(project: SampleProject, _: dict[str, Any]) -> int:
    """Return the youngest: one that was replaced stays, while its forks live."""
    zygotes = [each for each in project.processes() if "runner/zygote.py" in str(each.info)]
    return max(zygotes, key=lambda each: each.create_time()).pid


async def kill(
    project: SampleProject, watch: Watch, pid_of: Pid, load: Load, *paths: str
) -> tuple[float, list[Answer]]:
    """Kill a process of which requests are waiting for an answer, and ask at once for more.

    Return when, and what came for `paths` that were asked for right after.
    """
    before = pid_of(project, watch.last)
    os.kill(before, signal.SIGSTOP)
    if paths:
        await load.until(lambda report: report.under_way >= 10, "requests that wait")
    os.kill(before, signal.SIGKILL)
    killed = time.monotonic()
    wires = [Wire(project.url) for _ in paths]
    answers = await asyncio.gather(
        *(wire.follow(path) for wire, path in zip(wires, paths, strict=True))
    )
    for wire in wires:
        wire.close()

    def back() -> bool:
        try:
            return pid_of(project, watch.last) != before
        except (IndexError, TypeError, ValueError, psutil.Error):
            return False  # it is not there yet

    await until(back, "its successor")
    return killed, answers


def untouched(report: Report, killed: float, app: str | None = None) -> None:
    """See that nobody lost anything, but for the tabs of the app that was killed.

    An answer of which a part is with its visitor cannot be begun again by somebody else.
    """
    begun = [each for each in report.failed if each.cut_off and each.began < killed]
    assert [each for each in report.failed if each not in begun] == []
    assert report.wrong == ()
    assert {each.app for each in report.breaks} <= {app}


@in_loop
async def test_a_killed_page(busy: SampleProject) -> None:
    async with Load(busy.url, {"one": 3, "two": 3}, OTHERS + VICTIMS) as load, Watch(busy) as watch:
        killed, answers = await kill(busy, watch, page, load, *VICTIMS)
        await load.until(lambda report: len(report.breaks) == 3, "the tabs' return")
    assert [answer.status for answer in answers] == [200, 200, 200]
    untouched(load.report(), killed, "two")
    assert len(load.report().lost) == 3, "their sessions were in that process"
    assert "SIGKILL" in watch.last["apps"]["two"]["last_end"]["reason"]


@in_loop
async def test_a_killed_service(busy: SampleProject) -> None:
    folder = busy.root / "apps/two"
    for name in ("go", "asked"):
        (folder / name).unlink(missing_ok=True)
    async with Load(busy.url, {"one": 3, "two": 3}, OTHERS + VICTIMS) as load, Watch(busy) as watch:
        wires = [Wire(busy.url) for _ in range(10)]
        late = [asyncio.create_task(wire.get("/app/two/api/late")) for wire in wires]
        await until(lambda: lines(folder / "asked") == len(late), "the requests at the service")
        killed, answers = await kill(busy, watch, service, load, "/app/two/api/", "/app/two/api/")
        (folder / "go").touch()
        answers.extend(await asyncio.gather(*late))
        for wire in wires:
            wire.close()
        new = service(busy, watch.last)
    assert {(answer.status, int(answer.body)) for answer in answers} == {(200, new)}
    untouched(load.report(), killed)


def lines(file: Path) -> int:
    return len(file.read_text().splitlines()) if file.exists() else 0


@in_loop
async def test_a_killed_site(busy: SampleProject) -> None:
    async with Load(busy.url, {"one": 3, "two": 3}, OTHERS) as load, Watch(busy) as watch:
        killed, answers = await kill(busy, watch, site, load, "/", "/one/", "/api/v1/status")
    assert [answer.status for answer in answers] == [200, 200, 200]
    untouched(load.report(), killed)


@in_loop
async def test_a_killed_gateway(busy: SampleProject) -> None:
    """Every connection is through it: those that it had are lost, but no session is."""
    async with Load(busy.url, {"one": 3, "two": 3}, OTHERS) as load, Watch(busy) as watch:
        # Even one that drains, and so waits for its last session to leave.
        await asyncio.to_thread(busy.run, "restart", "two")
        killed, answers = await kill(busy, watch, gateway, load, "/", *OTHERS)
        await load.until(lambda report: len(report.breaks) == 6, "the tabs' return")
    assert {answer.status for answer in answers} == {200}
    report = load.report()
    assert [each for each in report.failed if each.began > killed] == []
    assert (report.lost, report.wrong) == ((), ())


@in_loop
async def test_a_killed_zygote(busy: SampleProject) -> None:
    async with Load(busy.url, {"one": 3, "two": 3}, OTHERS) as load, Watch(busy) as watch:
        killed, _ = await kill(busy, watch, zygote, load)
        await asyncio.to_thread(busy.run, "restart", "two")
        (instance,) = (
            each for each in watch.last["apps"]["two"]["instances"] if each["state"] == "running"
        )
    assert instance["forked"]
    untouched(load.report(), killed)


@pytest.mark.parametrize("pid_of", [page, service])
@in_loop
async def test_its_end_is_noticed_at_once(busy: SampleProject, pid_of: Pid) -> None:
    """As quick as the quickest of a few: when its successor is there, not only wished."""
    took = []
    async with Watch(busy) as watch:
        for _ in range(TRIES):
            await asyncio.to_thread(busy.run, "restart", "two")  # no crashes in a row
            took.append(await until_back(busy, watch, pid_of))
            if took[-1] < AT_ONCE:
                break
    assert min(took) < AT_ONCE, took


async def until_back(project: SampleProject, watch: Watch, pid_of: Pid) -> float:
    """Kill a process; return the seconds until its successor is there."""
    before = pid_of(project, watch.last)

    def there(document: dict[str, Any]) -> bool:
        try:
            return pid_of(project, document) != before
        except IndexError:
            return False

    began = time.monotonic()
    os.kill(before, signal.SIGKILL)
    return await watch.until(there, "its successor", began) - began
