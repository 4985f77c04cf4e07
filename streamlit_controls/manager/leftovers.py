"""What instances leave behind: processes that go on after the one that started them has ended."""

import asyncio
import contextlib
import logging
import os
import select
import signal
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import psutil

from streamlit_controls.core.launch import INSTANCE
from streamlit_controls.core.replica import Instance
from streamlit_controls.manager import proc
from streamlit_controls.manager.cgroups import Cgroups, delegated

MARK = os.fsencode(f"\0{INSTANCE}=")

PATIENCE = 5.0
"""Seconds in which what is killed should be gone; a process that waits for a disk may not be."""

log = logging.getLogger(__name__)


class Leftovers:
    """Ends what instances that are gone have left, wherever it is.

    Whatever a process starts has its variables, and with them the mark of its instance, unless it
    takes them away. Who bears the mark of one that has ended had its time to end with it.
    """

    def __init__(self, cgroups: Cgroups | None = None) -> None:
        self._cgroups = cgroups or Cgroups(delegated())
        self._gone: set[str] = set()
        self._looking = asyncio.Lock()

    def hold(self, instance: str, pid: int) -> None:
        """Keep the processes of an instance together, where the system can do that."""
        self._cgroups.hold(instance, [pid])  # first: who is started from now on is in it, too
        self._cgroups.hold(instance, [each.pid for each in proc.below(pid)])

    async def end(self, instance: str) -> None:
        """Kill what an instance has left, and return once it is gone.

        One look at all processes serves all instances that ended before it.
        """
        self._gone.add(instance)
        async with self._looking:
            if instance in self._gone:
                gone, self._gone = self._gone, set()
                await asyncio.to_thread(self._end, gone)

    def _end(self, gone: Collection[str]) -> None:
        for instance in gone:
            self._cgroups.end(instance)
        _kill(lambda variables: _instance(variables) in gone)


def end_strangers(state: Path, known: Iterable[Instance]) -> None:
    """Kill what instances of a project have left of which no manager saw the end.

    `state` is the folder of the project's state, `known` are those that it wrote down last.
    """
    alive = {each.id for each in known if proc.is_there(each.pid, each.birth)}
    _kill(lambda variables: _is_in(state, variables) and _instance(variables) not in {*alive, ""})


def end_all(state: Path) -> None:
    """Kill what the instances of a project have left, once all have ended.

    That is whoever bears the mark of any, and whoever went to the keeper without a mark.
    """
    end_strangers(state, ())
    own, parent = os.getpid(), os.getppid()
    with contextlib.suppress(psutil.Error):
        if "streamlit_controls.keeper" in psutil.Process(parent).cmdline():
            mine = {own, *(each.pid for each in proc.below(own))}
            for each in proc.below(parent):
                if each.pid not in mine:
                    proc.tell(each, signal.SIGKILL)


def _kill(is_left: Callable[[bytes], bool]) -> None:
    """Kill all processes with variables of which `is_left` is true, and wait for their end."""
    until = time.monotonic() + PATIENCE
    while found := _found(is_left):
        pids = ", ".join(str(each.pid) for each in found)
        log.info("killed what an ended instance has left: pid %s", pids)
        for process in found:
            proc.tell(process, signal.SIGKILL)
        for process in found:
            _wait(process, until)
        if time.monotonic() > until:
            log.warning("what an ended instance has left cannot be killed: pid %s", pids)
            return


def _found(is_left: Callable[[bytes], bool]) -> list[proc.Stat]:
    """Return such processes, but for the manager and whom it goes back to, or looks after."""
    own = os.getpid()
    spared, found = {own, *proc.above(own), *proc.children(own)}, []
    for pid in proc.pids():
        if pid in spared or not is_left(proc.variables(pid)):
            continue
        with contextlib.suppress(*proc.GONE):
            seen = proc.stat(pid)
            if is_left(proc.variables(pid)):  # still the same process, or another of that kind
                found.append(seen)
    return found


def _instance(variables: bytes) -> str:
    """Return the instance whose mark is among a process's variables, or nothing."""
    _, mark, after = (b"\0" + variables).partition(MARK)
    return os.fsdecode(after.partition(b"\0")[0]) if mark else ""


def _is_in(state: Path, variables: bytes) -> bool:
    """Tell whether a variable names a folder in that of a project's state, as the home is one."""
    return b"=" + os.fsencode(state) + b"/" in variables


def _wait(process: proc.Stat, until: float) -> None:
    """Wait for the end of a process."""
    with contextlib.suppress(*proc.GONE):
        descriptor = os.pidfd_open(process.pid)
        try:
            if proc.stat(process.pid).birth == process.birth:
                poll = select.poll()
                poll.register(descriptor, select.POLLIN)
                poll.poll(max(0.0, until - time.monotonic()) * 1000)
        finally:
            os.close(descriptor)
