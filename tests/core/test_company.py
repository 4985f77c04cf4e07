"""Replicas that share a socket are as idle as the busiest among them."""

from dataclasses import replace
from typing import Any

import pytest

from streamlit_controls.core.company import in_company
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.plan import Sleep, Wish, idlest, next_due, plan
from streamlit_controls.core.replica import Replica
from tests.support.samples import instance, replica

NOW = 1000.0
WISH = Wish(replicas=2, generation=1, idle_timeout=60, together=True)


def used(number: int, at: float | None, *, busy: bool = False, **more: Any) -> Replica:
    sample = replica(State.RUNNING, number=number, generation=1)
    at_work = instance(str(number) * 6, used_at=at, busy=busy)
    return replace(sample, instance=at_work, **more)


def planned(*replicas: Replica, wish: Wish = WISH) -> list[object]:
    return list(plan({"hello": wish}, replicas, NOW))


IDLE, JUST_USED = used(1, NOW - 600), used(2, NOW - 1)


def test_one_does_not_sleep_while_the_other_is_used() -> None:
    assert planned(IDLE, JUST_USED) == []
    assert next_due({"hello": WISH}, [IDLE, JUST_USED]) == NOW - 1 + 60
    assert planned(IDLE, used(2, NOW - 600, busy=True)) == []
    assert planned(IDLE, used(2, None)) == []
    assert idlest({"hello": WISH}, [IDLE, JUST_USED], NOW) is None


def test_all_sleep_when_all_are_idle() -> None:
    assert planned(IDLE, used(2, NOW - 60)) == [Sleep(1), Sleep(2)]


@pytest.mark.parametrize(
    "other",
    [
        used(2, NOW, resting=True),
        used(2, NOW, worn="used 3 GB"),
        replica(State.SLEEPING, number=2, generation=1),
        replica(State.BACKOFF, number=2, generation=1),
    ],
    ids=["about to sleep", "outgrown", "asleep", "crashed"],
)
def test_who_is_not_awake_keeps_nobody_awake(other: Replica) -> None:
    assert Sleep(1) in planned(IDLE, other)


def test_who_is_told_to_sleep_sleeps_alone() -> None:
    """A new process, whose last use is later than the order, is not meant."""
    wish = replace(WISH, sleep_before=NOW)
    assert Sleep(1, at_once=True) in planned(IDLE, JUST_USED, wish=wish)


def test_those_with_sockets_of_their_own_sleep_one_by_one() -> None:
    assert planned(IDLE, JUST_USED, wish=replace(WISH, together=False)) == [Sleep(1)]
    assert in_company([IDLE, JUST_USED], {}) == [IDLE, JUST_USED]
