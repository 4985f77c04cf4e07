"""Control groups: one for each instance, where this process was given one to divide.

Systemd does that for units with `Delegate=yes`. What is in a group stays in it, whatever it does:
nobody gets out by leaving sessions and parents, or by taking away variables.
"""

import contextlib
import os
import time
from pathlib import Path

DELEGATED = ("user.delegate", "trusted.delegate")
"""Attributes by which systemd says that a group's members may divide it."""

ENDS, PAUSE = 2.0, 0.005
"""Seconds in which what is killed in a group should be gone, and between two looks."""


class Cgroups:
    """Makes, and ends, the groups of instances below one that may be divided; else does nothing."""

    def __init__(self, base: Path | None) -> None:
        self._base = base

    def hold(self, instance: str, pids: list[int]) -> None:
        """Put processes, and so all that they will start, into an instance's group."""
        if self._base is None:
            return
        group = self._base / _name(instance)
        try:
            group.mkdir(exist_ok=True)
            if not (group / "cgroup.kill").exists():
                raise OSError("this kernel cannot end a group at once")
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    (group / "cgroup.procs").write_text(f"{pid}")
        except OSError:  # not ours to divide, after all
            with contextlib.suppress(OSError):
                group.rmdir()

    def end(self, instance: str) -> None:
        """Kill whoever is in an instance's group, and remove it; wait for that, blocking."""
        if self._base is None:
            return
        group = self._base / _name(instance)
        until = time.monotonic() + ENDS
        with contextlib.suppress(FileNotFoundError):
            while not _removed(group) and time.monotonic() < until:
                (group / "cgroup.kill").write_text("1")
                time.sleep(PAUSE)


def delegated() -> Path | None:
    """Return the folder of this process's control group, if it may be divided."""
    try:
        own = _own(Path("/proc/self/cgroup").read_text())
        mounted = _mounted(Path("/proc/self/mountinfo").read_text())
    except OSError:
        return None
    if own is None or mounted is None:
        return None
    folder = mounted / own.lstrip("/")
    return folder if any(_says_yes(folder, name) for name in DELEGATED) else None


def _own(text: str) -> str | None:
    """Return the path of a process's group, of the one hierarchy that groups of version 2 have."""
    paths = [line.removeprefix("0::") for line in text.splitlines() if line.startswith("0::")]
    return paths[0] if paths else None


def _mounted(text: str) -> Path | None:
    """Return where that hierarchy is mounted, as a whole."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup2 ") and before.split()[3] == "/":
            return Path(before.split()[4])
    return None


def _says_yes(folder: Path, name: str) -> bool:
    try:
        return os.getxattr(folder, name) == b"1"
    except OSError:
        return False


def _removed(group: Path) -> bool:
    try:
        group.rmdir()
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True


def _name(instance: str) -> str:
    return f"instance-{instance}"
