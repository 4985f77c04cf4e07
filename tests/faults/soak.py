"""Many visitors of many apps for minutes, while all sorts of things are done to these.

`python -m tests.faults.soak --sessions 500 --apps 10 --minutes 5` makes a project of its own,
prints what was lost, and ends with code 1 if that was anything that should have been kept.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import scripts
from tests.faults.chaos import Chaos
from tests.faults.load import Load
from tests.faults.report import Report
from tests.faults.trend import Trend
from tests.journeys.project import SampleProject

SAMPLE = 1.0
"""Seconds between two looks at the memory."""

JUDGED = 60.0
"""Seconds that memory has to be looked at before its trend means anything."""

GROWTH = 0.1
"""The part of its size by which a process may grow while it is looked at and count as flat."""


@dataclass(frozen=True)
class Plan:
    """How much of a soak."""

    sessions: int = 500
    apps: int = 10
    seconds: float = 300.0
    seed: int = 0
    interval: float = 5.0
    """Seconds between two runs of a session."""
    pause: float = 3.0
    """Seconds between two things that are done, at most."""
    tell: Callable[[str], None] = lambda _: None
    """Hears of each thing that is done."""


@dataclass
class Result:
    """What a soak has shown."""

    report: Report
    seconds: float
    done: Counter[str]
    """How often what was done."""
    killed: dict[int, float] = field(default_factory=dict)
    """Processes of apps that were killed, and when: their sessions are lost."""
    kills: list[float] = field(default_factory=list)
    """When anything was killed: an answer that had begun there is cut off."""
    problems: list[str] = field(default_factory=list)
    """What did not go as it should."""
    memory: dict[str, Trend] = field(default_factory=dict)

    def faults(self) -> list[str]:
        """Return what should not have been, in words; nothing where all held."""
        found = [f"not as it should: {each}" for each in self.problems]
        found += [f"a tab that shows what it should not: {each}" for each in self.report.wrong]
        found += [
            f"a session lost: {each}"
            for each in self.report.breaks
            if each.pid not in self.killed or each.at < self.killed[each.pid] - 1
        ]
        found += [
            f"a request failed: {each}"
            for each in self.report.failed
            if not (each.cut_off and self._was_killed(each.began, each.began + each.took))
        ]
        found += [
            f"the {name} grew: {trend}"
            for name, trend in self.memory.items()
            if trend.seconds >= JUDGED and trend.growth > GROWTH * trend.mean
        ]
        return found

    def lines(self) -> list[str]:
        """Return the report for people."""
        report = self.report
        by_rule = [each for each in report.lost if each.pid in self.killed]
        rate, asked = report.runs / self.seconds, report.requests / self.seconds
        done = ", ".join(f"{count} {what}" for what, count in sorted(self.done.items()))
        return [
            f"{report.tabs} sessions",
            f"{report.runs} runs, {rate:.0f}/s, the slowest {report.slowest_run:.2f} s",
            f"{report.requests} requests, {asked:.0f}/s, the slowest {report.slowest:.2f} s",
            f"the slowest was {report.slowest_path}",
            f"done: {done}",
            f"sessions lost: {len(report.lost)}, {len(by_rule)} of them in apps that were killed",
            f"requests failed: {len(report.failed)}",
            *(f"{name}: {trend}" for name, trend in self.memory.items()),
        ]

    def _was_killed(self, began: float, ended: float) -> bool:
        return any(began <= at <= ended for at in self.kills)


async def soak(project: SampleProject, plan: Plan) -> Result:
    """Run a soak on a project that has been started."""
    keys = app_keys(plan)
    tabs = {key: plan.sessions // len(keys) for key in keys}
    # The others are left alone between their visitors, so that some do sleep.
    asked = keys[: len(keys) // 2]
    paths = ["/", *(f"/app/{key}/" for key in asked)]
    paths += [f"/app/{key}/_stcore/host-config" for key in asked]
    async with Load(project.url, tabs, paths, interval=plan.interval) as load:
        chaos = Chaos(project, load, plan.seed, plan.pause, plan.tell)
        began = time.monotonic()
        half, end = began + plan.seconds / 2, began + plan.seconds
        # A manager that dies takes its memory along: it is looked at while it is left alive.
        await chaos.go_on(half, supervisors=True)
        manager = (await asyncio.to_thread(chaos.status))["manager"]
        watched = {"manager": manager["pid"], "gateway": manager["gateway"]["pid"]}
        memory = {name: Trend() for name in watched}
        sampling = asyncio.create_task(sample(watched, memory))
        await chaos.go_on(end, supervisors=False)
        sampling.cancel()
        await asyncio.gather(sampling, return_exceptions=True)
    passed = time.monotonic() - began
    return Result(
        load.report(), passed, chaos.done, chaos.killed, chaos.kills, chaos.problems, memory
    )


async def sample(pids: dict[str, int], memory: dict[str, Trend]) -> None:
    """Look at processes' memory again and again."""
    while True:
        for name, pid in pids.items():
            memory[name].add(time.monotonic(), own_memory(pid))
        await asyncio.sleep(SAMPLE)


def own_memory(pid: int) -> int:
    """Return the bytes that a process has for itself.

    What it shares with others, as two gateways do their program, is theirs to change, too.
    """
    said = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in said.splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024


def app_keys(plan: Plan) -> list[str]:
    return [f"app-{number}" for number in range(1, plan.apps + 1)]


def make(root: Path, plan: Plan) -> SampleProject:
    """Make the project of a soak."""
    project = SampleProject.make(root)
    for key in app_keys(plan):
        project.add(key, scripts.COUNTER)
    return project


def tell_when() -> Callable[[str], None]:
    """Return what prints a line with its moment, in seconds from now."""
    began = time.monotonic()
    return lambda what: print(f"{time.monotonic() - began:7.2f} {what}", flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--apps", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--interval", type=float, default=5.0, help="seconds between runs")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    parser.add_argument("--verbose", action="store_true", help="tell what is done")
    said = parser.parse_args(arguments)
    tell = tell_when() if said.verbose else (lambda _: None)
    plan = Plan(said.sessions, said.apps, said.minutes * 60, said.seed, said.interval, tell=tell)
    print(f"seed {plan.seed}", flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        project = make(Path(folder) / "project", plan)
        try:
            project.run("start")
            result = asyncio.run(soak(project, plan))
        finally:
            project.end()
    faults = result.faults()
    print("\n".join([*result.lines(), *faults, "all held" if not faults else "NOT ALL HELD"]))  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
