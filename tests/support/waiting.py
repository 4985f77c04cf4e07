"""Bounded waits for what other processes and threads do."""

import socket
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE = 20.0
"""Seconds; far more than anything takes, so that a slow machine fails nothing."""


def until(look: Callable[[], Found | None], what: str, seconds: float = PATIENCE) -> Found:
    """Return what `look` finds, as soon as that is something true; fail when time is up."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.01)


def free_port() -> int:
    """Return a port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
