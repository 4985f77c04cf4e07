"""Bounded waits for what other processes and threads do."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE = 20.0
"""Seconds; far more than anything takes, so that a slow machine fails nothing."""


def until(look: Callable[[], Found | None], what: str, seconds: float = PATIENCE) -> Found:
    """Return what `look` finds, as soon as that is something true; fail when time is up."""
    began = time.monotonic()
    while True:
        found = look()
        if found:
            return found
        waited = time.monotonic() - began
        if waited > seconds:
            raise AssertionError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(interval(waited))


def interval(waited: float) -> float:
    """Return how many seconds to wait for the next look; to look costs those it waits for."""
    return min(max(0.01, waited / 20), 0.1)
