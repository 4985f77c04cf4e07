"""Logs that were deleted while processes write to them: these write on, and nobody sees it."""

import contextlib
import os
from pathlib import Path

from streamlit_controls.core.errors import Problem
from streamlit_controls.core.names import RESERVED_KEYS
from streamlit_controls.manager import proc
from streamlit_controls.project import Project

DELETED = " (deleted)"
"""What the kernel adds to the name of a file that is not there any more."""

COMMAND = "./streamlit_controller"

HINTS = {
    "website": f"{COMMAND} reload",
    "gateway": f"what it writes is lost until {COMMAND} stop, then start",
}


class LostLogs:
    """Bounds the deleted logs of a project, tells of them, and finds a new one for the manager.

    `problems` is what was found at the last look. The controller's own log is none of them: the
    manager goes on in a new one, and its keeper and the zygotes hardly ever write.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self.problems: tuple[Problem, ...] = ()

    def look(self, most: int) -> int:
        """Empty what is larger than `most` bytes; return by how much the fastest has grown.

        Nobody could read any of it. Who writes to it appends, and goes on at its beginning.
        """
        folder = self._project.logs.resolve()
        cut, lost = 0, set[str]()
        for pid in proc.pids():
            stdout = f"/proc/{pid}/fd/1"
            path = _deleted(stdout, folder)
            if path is None:
                continue
            lost.add(path.stem)
            if pid == os.getpid():
                _write_to(path)
            with contextlib.suppress(OSError):
                cut = max(cut, _empty(stdout, folder, most))
        self.problems = tuple(_problem(name) for name in sorted(lost - {"controller"}))
        return cut


def _deleted(descriptor: str, folder: Path) -> Path | None:
    """Return where the log was that a process has open, if it is one of a folder and deleted."""
    try:
        target = os.readlink(descriptor)  # noqa: PTH115
        path = Path(target.removesuffix(DELETED))
        if not target.endswith(DELETED) or path.parent != folder or path.suffix != ".log":
            return None
        return path if os.stat(descriptor).st_nlink == 0 else None  # noqa: PTH116
    except OSError:
        return None  # the process has ended, or is nobody's business here


def _empty(descriptor: str, folder: Path, most: int) -> int:
    """Empty a file that a process has open, if it is too large; return how large it was."""
    if os.stat(descriptor).st_size <= most:  # noqa: PTH116
        return 0
    file = os.open(descriptor, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if _deleted(f"/proc/self/fd/{file}", folder) is None:
            return 0  # the process has ended, and another has its number
        size = os.fstat(file).st_size
        os.ftruncate(file, 0)
        return size
    finally:
        os.close(file)


def _write_to(path: Path) -> None:
    """Go on in a new log, with what of this very process went to the deleted one."""
    with contextlib.suppress(OSError), path.open("ab") as log:
        for number in (1, 2):
            if _deleted(f"/proc/self/fd/{number}", path.parent) is not None:
                os.dup2(log.fileno(), number)


def _problem(name: str) -> Problem:
    app, _, _ = name.partition(".")
    hint = HINTS[app] if app in RESERVED_KEYS else f"{COMMAND} restart {app}"
    return Problem("logs", f"logs/{name}.log was deleted while {name} writes to it", hint)
