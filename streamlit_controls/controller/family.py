"""The processes of a project as /proc shows them, for when no manager can be asked."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit_controls.core.launch import INSTANCE
from streamlit_controls.project import Project

PROC = Path("/proc")
VARIABLES = 256 * 1024
"""Bytes of a process's variables that are read."""

MARK = os.fsencode(f"{INSTANCE}=")


@dataclass(frozen=True)
class Family:
    """Who there is of a project."""

    keeper: int | None = None
    manager: int | None = None
    children: frozenset[int] = frozenset()
    """Apps, services, site and gateway, and whom these have started."""
    known: frozenset[int] = frozenset()
    """Those of them that the last manager wrote down, so that another can take them over."""

    @property
    def pids(self) -> frozenset[int]:
        """All of them."""
        return self.children | {pid for pid in (self.keeper, self.manager) if pid is not None}

    @property
    def is_abandoned(self) -> bool:
        """Whether something runs that nobody looks after."""
        return self.pids == self.children != frozenset()


def family(project: Project) -> Family:
    """Return the processes of a project that this account can see."""
    keeper = manager = None
    noted = _noted(project)
    known = {pid for pid, birth in noted if birth is not None and _birth(pid) == birth}
    children = set(known)
    for pid in _others():
        words = _read(pid, "cmdline").split(b"\0")
        if _is_ours(words, "streamlit_controls.keeper", project):
            keeper = pid
        elif _is_ours(words, "streamlit_controls.manager", project):
            manager = pid
        elif _is_ours(words, "streamlit_site", project) or _bears_mark(pid, project):
            children.add(pid)
    return Family(keeper, manager, frozenset(children), frozenset(known))


def _noted(project: Project) -> Iterator[tuple[int, Any]]:
    """Yield pid and birth of each process that the last manager wrote down, if it can be read."""
    try:
        replicas = json.loads(project.state_file.read_text())["replicas"]
        instances = [each["instance"] for each in replicas if each["instance"]]
        noted = [(each["pid"], each["birth"]) for each in instances]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return  # whatever it holds: nobody but a manager has to understand it
    yield from ((pid, birth) for pid, birth in noted if isinstance(pid, int))


def _birth(pid: int) -> float | None:
    """Return the seconds from boot to a process's start; None where there is no such process."""
    # The name before may hold anything, parentheses too.
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    if not fields or fields[0] == b"Z":
        return None
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _others() -> list[int]:
    """Return the pids of all processes but this one."""
    pids = [int(each.name) for each in PROC.iterdir() if each.name.isdigit()]
    return [pid for pid in pids if pid != os.getpid()]


def _is_ours(words: Sequence[bytes], module: str, project: Project) -> bool:
    """Tell whether a command line runs a module of ours for a project."""
    root = os.fsencode(project.root)
    return [b"-m", os.fsencode(module), b"--project", root] == [*words[2:6]]


def _bears_mark(pid: int, project: Project) -> bool:
    """Tell whether a process was started as an instance of a project, or by one."""
    variables = b"\0" + _read(pid, "environ")
    folder = b"=" + os.fsencode(project.state) + b"/"  # that of its home, or its environment
    return b"\0" + MARK in variables and folder in variables


def _read(pid: int, name: str) -> bytes:
    """Return what /proc tells of a process; nothing of one that is gone or somebody else's."""
    try:
        with (PROC / str(pid) / name).open("rb") as file:
            return file.read(VARIABLES)
    except OSError:
        return b""
