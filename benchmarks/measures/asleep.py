"""What apps cost that nobody looks at."""

import subprocess
import time

from benchmarks import processes
from benchmarks.contender import Contender, Unsupported
from benchmarks.sample import SLIDER, many
from benchmarks.session import Session

FEW, MANY = 10, 200
SETTLE = 5.0
REST = 30.0
"""Seconds of one look at the processor."""
RESTS = 3
STATUSES = 10
ROWS = ("asleep", "asleep-each", "asleep-processes", "asleep-processes-more", "rest")


def measure(session: Session) -> None:
    """Let few apps sleep, then many; one contender runs at a time."""
    for kind in session.contenders:
        with session.tried(kind, *ROWS, f"status-{FEW}", f"status-{MANY}"):
            few = _sleeping(session, kind, FEW)
            lot = _sleeping(session, kind, MANY)
            if "sleeping" in session.wanted:
                more = MANY - FEW
                session.results.add("asleep", kind.name, lot[0])
                session.results.add("asleep-each", kind.name, (lot[0] - few[0]) / more)
                session.results.add("asleep-processes", kind.name, lot[1])
                session.results.add("asleep-processes-more", kind.name, lot[1] - few[1])


def _sleeping(session: Session, kind: type[Contender], count: int) -> tuple[float, int]:
    """Return the memory and the number of processes with this many apps asleep."""
    if kind.most is not None and count > kind.most:
        raise Unsupported(f"it takes ten deployments a minute, {count} are not tried")
    with session.made(kind, many(count, SLIDER), asleep=True) as contender:
        contender.launch()
        contender.wait()
        time.sleep(SETTLE)
        if count == MANY and "rest" in session.wanted:
            _rest(session, contender)
        if "status" in session.wanted:
            _status(session, contender, count)
        own = contender.processes()
        return processes.memory(own), len(own)


def _rest(session: Session, contender: Contender) -> None:
    with session.tried(contender, "rest"):
        supervisors = contender.supervisors()
        for _ in range(min(RESTS, session.rounds)):
            used, began = processes.processor_seconds(supervisors), time.monotonic()
            time.sleep(REST)
            used = processes.processor_seconds(supervisors) - used
            share = used / (time.monotonic() - began)
            session.results.add("rest", contender.name, share * 100)


def _status(session: Session, contender: Contender, count: int) -> None:
    command = contender.status_command()
    for _ in range(STATUSES):
        began = time.perf_counter()
        subprocess.run(
            command,
            cwd=contender.folder,
            env=contender.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=60,
        )
        session.results.add(f"status-{count}", contender.name, time.perf_counter() - began)
