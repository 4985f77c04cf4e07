"""What processes use, measured when somebody asks."""

import time

import psutil

from streamlit_controls.core.snapshot import Usage
from streamlit_controls.manager.inside import inside

SHORTEST = 0.5
"""Seconds; over a shorter time, a share of the processor says nothing."""


class Metrics:
    """Measures processes; the share of the processor is that since the last time somebody asked."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[float, float, float]] = {}

    def __call__(self, pid: int) -> Usage:
        """Return the use of the process with a pid, or of the one in its sandbox; none if gone."""
        try:
            process = psutil.Process(inside(pid) or pid)
            with process.oneshot():
                times = process.cpu_times()
                born = process.create_time()
                rss = process.memory_info().rss
        except psutil.Error:
            self._last.pop(pid, None)
            return Usage()
        now, spent = time.time(), times.user + times.system
        known_birth, then, spent_then = self._last.get(pid, (born, born, 0.0))
        if known_birth != born:
            then, spent_then = born, 0.0
        passed = max(now - then, 0.001)
        if passed >= SHORTEST:
            self._last[pid] = (born, now, spent)
        return Usage(rss, round(100 * (spent - spent_then) / passed, 1))

    def forget(self, alive: set[int]) -> None:
        """Drop what is known of processes that are not among these."""
        self._last = {pid: seen for pid, seen in self._last.items() if pid in alive}
