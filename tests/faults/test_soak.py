"""The soak, as small as a suite can bear, and what it makes of what it sees."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.report import Failure, Report
from tests.faults.soak import Plan, Result, make, soak
from tests.faults.tab import Break
from tests.faults.trend import MEGABYTE, Trend

SMALL = Plan(sessions=40, apps=4, seconds=12.0, seed=4, interval=1.0, pause=0.5)

NOTHING = Report(0, (), 0, 0.0, "", 0, 0, 0.0, (), ())


def test_a_small_soak(tmp_path: Path) -> None:
    project = make(tmp_path / "project", SMALL)
    try:
        project.run("start")
        result = asyncio.run(soak(project, SMALL))
    finally:
        project.end()
    assert result.faults() == [], "\n".join(result.lines())
    assert result.report.runs > SMALL.sessions
    assert result.done.total() > 1


def result(**more: Any) -> Result:
    """Return what was seen in a soak in which process 7 was killed, 100 s after some beginning."""
    return Result(replace(NOTHING, **more), 60.0, Counter(), killed={7: 100.0}, kills=[100.0])


def test_what_the_rules_keep_is_a_fault_when_it_is_lost() -> None:
    lost = [Break("one", 100.1, "closed", pid) for pid in (7, 8)]
    assert len(result(breaks=tuple(lost)).faults()) == 1
    assert "pid=8" in result(breaks=tuple(lost)).faults()[0]
    cut = [Failure("/", began, 0.5, "closed", cut_off=True) for began in (99.8, 90.0)]
    refused = Failure("/", 99.8, 0.5, "503")
    assert len(result(failed=(*cut, refused)).faults()) == 2
    assert len(result(wrong=("one: never came back",)).faults()) == 1
    assert result().faults() == []


@pytest.mark.parametrize(("each_second", "faults"), [(0.0, 0), (0.01, 0), (0.2, 1)])
def test_memory_that_grows_is_a_fault(each_second: float, faults: int) -> None:
    trend = Trend()
    for second in range(101):
        wobble = second % 7 * 0.1
        trend.add(second, (50 + wobble + second * each_second) * MEGABYTE)
    assert trend.growth == pytest.approx(each_second * 100 * MEGABYTE, abs=0.1 * MEGABYTE)
    found = result()
    found.memory["gateway"] = trend
    assert len(found.faults()) == faults
