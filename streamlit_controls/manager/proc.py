"""What the kernel tells of processes, in /proc."""

import contextlib
import functools
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

from streamlit_controls.core.pulse import Doing

VARIABLES = 256 * 1024
"""Bytes of a process's variables that are read."""

GONE = (FileNotFoundError, ProcessLookupError, PermissionError)
"""What reading raises where a process has just ended and been reaped, or is nobody's business here:
with `hidepid`, other accounts' processes are as if they were not there."""


@dataclass(frozen=True)
class Stat:
    """One process at one moment; with its birth, its pid means nobody else."""

    pid: int
    state: str
    """One letter: R runs, S sleeps, D waits for a disk, T is stopped, t is traced, Z has ended."""
    parent: int
    group: int
    used: float
    """Seconds of processor time so far."""
    birth: float
    """Seconds from boot to its start."""


def stat(pid: int) -> Stat:
    """Return what a process is doing; raise one of GONE where there is none."""
    text = _read(f"/proc/{pid}/stat", 4096)
    # The name before may hold anything, parentheses too.
    fields = text[text.rindex(b")") + 2 :].split()
    return Stat(
        pid,
        fields[0].decode(),
        int(fields[1]),
        int(fields[2]),
        (int(fields[11]) + int(fields[12])) / _ticks(),
        int(fields[19]) / _ticks(),
    )


def below(pid: int) -> list[Stat]:
    """Return the processes that a process started, and those that these started, and so on."""
    found: list[Stat] = []
    waiting = [(child, pid) for child in children(pid)]
    while waiting:
        child, parent = waiting.pop()
        with contextlib.suppress(*GONE):
            seen = stat(child)
            if seen.parent == parent:  # else the pid may be somebody else's by now
                found.append(seen)
                waiting += [(each, child) for each in children(child)]
    return found


def children(pid: int) -> list[int]:
    """Return the pids of the processes that a process started and that have not ended."""
    if not _tells_children():
        with contextlib.suppress(psutil.Error):
            return [child.pid for child in psutil.Process(pid).children()]
        return []
    found: list[int] = []
    with contextlib.suppress(*GONE):
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            with contextlib.suppress(*GONE):  # a thread that has just ended
                found += map(int, _read(f"/proc/{pid}/task/{task}/children", 65536).split())
    return found


def above(pid: int) -> list[int]:
    """Return the pids of a process's parent, its parent's parent, and so on."""
    found: list[int] = []
    with contextlib.suppress(*GONE):
        while pid := stat(pid).parent:
            found.append(pid)
    return found


def doing(pid: int) -> Doing:
    """Return what a process, and all below it, do now; raise one of GONE where there is none."""
    all_of_it = [stat(pid), *below(pid)]
    return Doing(
        frozenset(each.state for each in all_of_it),
        {each.pid: each.used for each in all_of_it},
    )


def is_there(pid: int, birth: float) -> bool:
    """Tell whether a process that was seen before has not ended."""
    with contextlib.suppress(*GONE):
        now = stat(pid)
        return now.birth == birth and now.state != "Z"
    return False


def tell(process: Stat, number: signal.Signals) -> None:
    """Send a signal to a process, if it is still the one that was seen."""
    with contextlib.suppress(*GONE):
        descriptor = os.pidfd_open(process.pid)
        try:
            # From here on, the descriptor means the process that has the pid now.
            if stat(process.pid).birth == process.birth:
                signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)


def runs(pid: int) -> int | None:
    """Return how often a process's main thread was given a processor; None where nobody counts."""
    with contextlib.suppress(OSError, IndexError):
        return int(_read(f"/proc/{pid}/schedstat", 256).split()[2])
    return None


def catches(pid: int, number: signal.Signals) -> bool:
    """Tell whether a process does something of its own upon a signal."""
    with contextlib.suppress(*GONE):
        for line in _read(f"/proc/{pid}/status", 16384).splitlines():
            if line.startswith(b"SigCgt:"):
                return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def variables(pid: int) -> bytes:
    """Return the variables that a process began with, each ended by a zero byte.

    Nothing where there are none, or no process, or one of somebody else.
    """
    with contextlib.suppress(*GONE):
        return _read(f"/proc/{pid}/environ", VARIABLES)
    return b""


def pids() -> list[int]:
    """Return the pids of all processes."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208


def _read(path: str, size: int) -> bytes:
    """Return the beginning of a file; hundreds are read at a time, so it is done plainly."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = b""
        while len(data) < size and (more := os.read(descriptor, size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)


@functools.cache
def _ticks() -> int:
    return os.sysconf("SC_CLK_TCK")


@functools.cache
def _tells_children() -> bool:
    """Tell whether this kernel lists a process's children (CONFIG_PROC_CHILDREN)."""
    return Path(f"/proc/self/task/{os.getpid()}/children").exists()
