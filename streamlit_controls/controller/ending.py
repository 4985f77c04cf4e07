"""Waits until a manager that was told to end, or its keeper too, is really gone."""

import os
import select
import time
from pathlib import Path
from types import TracebackType
from typing import Self

END_SECONDS = 30.0
"""How long the manager may take to end after it said that all else has ended."""


class Ending:
    """Holds on to a manager, and to its keeper, so that their end is seen and no other's."""

    def __init__(self, manager: int, *, keeper: bool = True) -> None:
        self._poll = select.poll()
        self._held = set()
        for pid in (manager, _keeper_of(manager) if keeper else 0):
            descriptor = _hold(pid)
            if descriptor is not None:
                self._held.add(descriptor)
                self._poll.register(descriptor, select.POLLIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for descriptor in self._held:
            os.close(descriptor)
        self._held = set()

    def wait(self, seconds: float) -> bool:
        """Return whether all of them ended within so many seconds."""
        deadline = time.monotonic() + seconds
        while self._held:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            for descriptor, _ in self._poll.poll(left * 1000):
                self._poll.unregister(descriptor)
                os.close(descriptor)
                self._held.discard(descriptor)
        return True


def _hold(pid: int) -> int | None:
    if pid <= 1:
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:  # gone by now, or another machine's
        return None


def _keeper_of(manager: int) -> int:
    """Return the pid of a manager's parent where that is its keeper, else 0."""
    try:
        stat = Path(f"/proc/{manager}/stat").read_text()
        # The name in parentheses may hold anything, also parentheses and spaces.
        parent = int(stat.rpartition(")")[2].split()[1])
        command = Path(f"/proc/{parent}/cmdline").read_bytes()
    except OSError:
        return 0
    return parent if b"streamlit_controls.keeper" in command else 0
