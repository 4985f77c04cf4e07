"""What all tests share: one browser, and that none leaves a process or a socket behind."""

import gc
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from tests.support.browser import chromium

# How fast an example is says more about what else runs than about the code.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

LONG = {"faults", "journeys"}
"""The folders of tests that run real projects."""

GRACE = 2.0
"""Seconds in which what was told to end may still do so."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those that take long first, and the tests that need a browser last.

    The former, so that no worker is left with them alone. As long as a browser is open, its event
    loop counts as running in this thread: no other may run then.
    """
    items.sort(key=lambda item: item.path.parent.name not in LONG)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Have the files that share a project run in one worker."""
    from tests.support.together import Together

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of all tests; each opens tabs of its own, or borrows one that others use."""
    with chromium() as browser:
        yield browser


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a child process, or a socket that listens, which it began.

    What module and session fixtures hold is there before a test's own fixtures, and may stay.
    """
    children, listening = child_pids(), listening_sockets()
    yield
    until = time.monotonic() + GRACE
    left = _left(children, listening)
    while left and time.monotonic() < until:
        gc.collect()
        time.sleep(0.02)
        left = _left(children, listening)
    if left:
        pytest.fail(f"the test left behind: {'; '.join(left)}", pytrace=False)


def child_pids() -> set[int]:
    """Return this process's own children, zombies included; cheaper than to look at all."""
    found: set[int] = set()
    for listed in Path("/proc/self/task").glob("*/children"):
        try:
            found.update(int(pid) for pid in listed.read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread that ended
    return found


def listening_sockets() -> dict[str, int]:
    """Return this process's sockets that listen, by the kernel's name for them."""
    found: dict[str, int] = {}
    for descriptor in os.listdir("/proc/self/fd"):  # noqa: PTH208
        try:
            name = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
            if name.startswith("socket:") and _listens(int(descriptor)):
                found[name] = int(descriptor)
        except OSError:
            continue  # the descriptor of the listing itself
    return found


def _listens(descriptor: int) -> bool:
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        return bool(copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _left(children: set[int], listening: dict[str, int]) -> list[str]:
    found = [text for pid in child_pids() - children for text in _described(pid)]
    for name, descriptor in listening_sockets().items():
        if name not in listening:
            with socket.socket(fileno=os.dup(descriptor)) as copy:
                found.append(f"a socket that listens on {copy.getsockname()}")
    return found


def _described(pid: int) -> list[str]:
    """Return a process and its descendants in words; nothing of what has ended."""
    try:
        process = psutil.Process(pid)
        return [
            f"pid {each.pid}, {' '.join(each.cmdline())[:200]}"
            for each in (process, *process.children(recursive=True))
            if each.status() != psutil.STATUS_ZOMBIE
        ]
    except psutil.NoSuchProcess:
        return []
