"""What a process knows of its use, and what of that the manager has been told."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.runner.processes import RUNNER


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A report on a pipe, as an app's process has one."""
    monkeypatch.setattr(sys, "path", [str(RUNNER), *sys.path])
    from controller_report import Report

    read, write = os.pipe()
    monkeypatch.setattr(Report, "_repeat", lambda _: None)
    yield Report(write)
    os.close(read)
    os.close(write)


@pytest.fixture
def activity(report: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    import controller_activity

    monkeypatch.setattr(controller_activity, "HEARING", 0.0)
    found = controller_activity.Activity(report)
    report.update(sessions=0)
    report.flush()
    return found


def test_what_was_told_is_no_news(activity: Any) -> None:
    assert not activity.is_news()


def test_who_came_a_moment_ago_may_not_be_heard_of_yet(
    activity: Any, report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manager may have decided before it read what was written."""
    import controller_activity

    monkeypatch.setattr(controller_activity, "HEARING", 3.0)
    report.update(sessions=1)
    report.flush()
    assert activity.is_news()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3.1)
    assert not activity.is_news()


def test_who_came_in_the_second_of_the_last_use_is_news(activity: Any, report: Any) -> None:
    """A tab that is open and does nothing: times are whole seconds, and it is told a bit later."""
    report.update(sessions=1)
    assert activity.is_news()
    report.flush()
    assert not activity.is_news()


def test_use_is_news_while_it_goes_on_and_until_it_is_told(
    activity: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.clock_gettime(time.CLOCK_BOOTTIME) + 2
    activity.begin()
    activity.tell()
    assert activity.is_news()
    assert not activity.is_quiet()
    monkeypatch.setattr(time, "clock_gettime", lambda _: now)
    activity.end()
    assert activity.is_quiet()
    assert activity.is_news()
    activity.tell()
    assert not activity.is_news()
