"""The thread that follows the manager."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit_controls.core.errors import ManagerNotRunning
from streamlit_controls.project import Project
from streamlit_site.snapshots import FIRST_PAUSE, LONGEST_PAUSE, Snapshots
from tests.site.manager import TOKEN, Manager
from tests.site.statuses import app_status, document
from tests.support.waiting import until


@contextlib.contextmanager
def following(root: Path) -> Iterator[Snapshots]:
    snapshots = Snapshots.of_project(Project(root))
    snapshots.start()
    yield snapshots
    snapshots.stop(0)


def test_it_has_each_snapshot_and_keeps_the_last(tmp_path: Path) -> None:
    first, second, third = (document(demo=app_status(restarts=count)) for count in range(3))
    with Manager(tmp_path) as manager, following(tmp_path) as snapshots:
        assert snapshots.current() is None
        assert not snapshots.wait_for_first(0)
        manager.publish(first)
        assert snapshots.wait_for_first(5)
        until(lambda: snapshots.current() == first, "the first snapshot", 5)
        assert manager.requests == [{"token": TOKEN, "verb": "watch", "args": {}}]
        manager.publish(second)
        until(lambda: snapshots.current() == second, "the second snapshot", 5)
        manager.hang_up()
        until(lambda: len(manager.requests) == 2, "a new connection", 5)
        manager.publish(third)
        until(lambda: snapshots.current() == third, "the third snapshot", 5)
    assert snapshots.current() == third
    assert snapshots.stop()


def test_a_manager_may_come_later_and_on_another_port(tmp_path: Path) -> None:
    one, two = (document(demo=app_status(restarts=count)) for count in range(2))
    with following(tmp_path) as snapshots:
        with Manager(tmp_path) as manager:
            manager.publish(one)
            until(lambda: snapshots.current() == one, "the first manager", 5)
        with Manager(tmp_path) as manager:
            manager.publish(two)
            until(lambda: snapshots.current() == two, "the second manager", 5)
        assert snapshots.current() == two
    assert snapshots.stop()


def test_pauses_grow_are_bounded_and_start_anew() -> None:
    """Replay: gone eight times, there once, gone again."""
    pauses: list[float] = []
    attempts = 0
    snapshot = document()
    ended = threading.Event()

    def watch() -> Iterator[dict[str, Any]]:
        nonlocal attempts
        attempts += 1
        if attempts == 9:
            yield snapshot
            return
        raise ManagerNotRunning("nobody there")

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 11:
            snapshots._stopped.set()
            ended.set()
        return False

    snapshots = Snapshots(watch, wait=wait)
    snapshots.start()
    assert ended.wait(5)
    assert snapshots.stop()
    assert pauses[:6] == [FIRST_PAUSE * 2**count for count in range(6)]
    assert max(pauses) == pauses[6] == pauses[7] == LONGEST_PAUSE
    assert pauses[8:] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert snapshots.current() is snapshot


def test_whoever_is_no_manager_does_no_harm(tmp_path: Path) -> None:
    run = tmp_path / ".state" / "run"
    run.mkdir(parents=True)
    (run / "token").write_text("x")
    (run / "address").write_text("nonsense")
    with following(tmp_path) as snapshots:
        assert snapshots.current() is None
    assert snapshots.stop()
