"""A task's states: the table, and what is not in it."""

import itertools

import pytest

from streamlit_kit.tasks.status import TABLE, Happening, TaskStatus, after


def test_what_has_ended_stays_as_it_is() -> None:
    for status in TaskStatus:
        goes_on = [happening for happening in Happening if (status, happening) in TABLE]
        assert bool(goes_on) is not status.is_finished


@pytest.mark.parametrize(
    ("status", "happening"),
    [each for each in itertools.product(TaskStatus, Happening) if each not in TABLE],
)
def test_what_cannot_happen_is_an_error(status: TaskStatus, happening: Happening) -> None:
    with pytest.raises(LookupError, match=f"{status} cannot {happening}"):
        after(status, happening)


@pytest.mark.parametrize(
    ("history", "end"),
    [
        ("start return", TaskStatus.DONE),
        ("start raise", TaskStatus.FAILED),
        ("cancel", TaskStatus.CANCELLED),
        ("start cancel", TaskStatus.CANCELLING),
        ("start cancel cancel return", TaskStatus.CANCELLED),
        ("start cancel raise", TaskStatus.CANCELLED),
    ],
)
def test_histories(history: str, end: TaskStatus) -> None:
    status = TaskStatus.QUEUED
    for happening in history.split():
        status = after(status, Happening(happening))
    assert status is end
