"""What is done about the difference between what is wished and what runs: tables."""

from dataclasses import replace
from typing import Any

import pytest

from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.plan import (
    Action,
    Create,
    Drain,
    Kill,
    Remove,
    Retry,
    Sleep,
    Stop,
    Wish,
    idlest,
    next_due,
    plan,
)
from streamlit_controls.core.replica import Replica
from tests.support.samples import instance, replica

NOW = 1000.0
NEW = Create("hello", 2)

A = State


def old(state: State, number: int = 1, **more: Any) -> Replica:
    return replica(state, number=number, generation=1, **more)


def new(state: State, number: int = 2, **more: Any) -> Replica:
    return replica(state, number=number, generation=2, **more)


def of(wish: Wish, *replicas: Replica) -> list[Action]:
    return plan({"hello": wish}, replicas, NOW)


def draining(until: float) -> Replica:
    return old(A.DRAINING, drains_until=until)


def worn() -> Replica:
    return new(A.RUNNING).outgrown("used 3 GB")


ONE = Wish(replicas=1, generation=2)
STAYING = Wish(replicas=1, generation=2, drain_timeout=600)
TWO = Wish(replicas=2, generation=2)
ALONE = Wish(replicas=1, generation=2, overlap=False)
NONE = Wish(replicas=0, generation=2)

TABLE: dict[str, tuple[Wish, list[Replica], list[Action]]] = {
    "nothing wished, nothing there": (NONE, [], []),
    "first start": (ONE, [], [NEW]),
    "first start of two": (TWO, [], [NEW, NEW]),
    "under way": (ONE, [new(A.BUILDING)], []),
    "well": (ONE, [new(A.RUNNING)], []),
    "given up": (ONE, [new(A.FAILED)], []),
    # A restart
    "the new one starts beside the old one": (ONE, [old(A.RUNNING)], [NEW]),
    "the old one serves meanwhile: building": (ONE, [old(A.RUNNING), new(A.BUILDING)], []),
    "the old one serves meanwhile: starting": (ONE, [old(A.RUNNING), new(A.STARTING)], []),
    "the old one goes when the new one serves": (ONE, [old(A.RUNNING), new(A.RUNNING)], [Stop(1)]),
    "the old one stays when the new one failed": (ONE, [old(A.RUNNING), new(A.FAILED)], []),
    "the old one stays while the new one tries": (ONE, [old(A.RUNNING), new(A.BACKOFF)], []),
    "what never served is dropped: building": (ONE, [old(A.BUILDING)], [Stop(1), NEW]),
    "what never served is dropped: starting": (ONE, [old(A.STARTING)], [Stop(1), NEW]),
    "what never served is dropped: backoff": (ONE, [old(A.BACKOFF, retry_at=0)], [Stop(1), NEW]),
    "what failed is dropped": (ONE, [old(A.FAILED)], [Stop(1), NEW]),
    "what is ending ends": (ONE, [old(A.DRAINING, deadline=NOW + 1), new(A.RUNNING)], []),
    "what has ended is forgotten": (ONE, [old(A.STOPPED), new(A.RUNNING)], [Remove(1)]),
    "one that crashed is tried again where the new one failed": (
        ONE,
        [old(A.BACKOFF, retry_at=NOW), new(A.FAILED)],
        [Retry(1)],
    ),
    "one that crashed comes back where the new one failed": (
        ONE,
        [old(A.STARTING), new(A.FAILED)],
        [],
    ),
    "one that failed is dropped, where the new one failed too": (
        ONE,
        [old(A.FAILED), new(A.FAILED)],
        [Stop(1)],
    ),
    # Sessions
    "the old one drains": (STAYING, [old(A.RUNNING), new(A.RUNNING)], [Drain(1, NOW + 600)]),
    "the old one drains, as the new one sleeps already": (
        STAYING,
        [old(A.RUNNING), new(A.SLEEPING)],
        [Drain(1, NOW + 600)],
    ),
    "what drains stays": (STAYING, [draining(NOW + 1), new(A.RUNNING)], []),
    "what drains stays through the next restart": (STAYING, [draining(NOW + 1)], [NEW]),
    "what has drained for long enough ends": (STAYING, [draining(NOW), new(A.RUNNING)], [Stop(1)]),
    "what drains ends where nothing shall run": (NONE, [draining(NOW + 1)], [Stop(1)]),
    "what drains ends where nobody may stay any more": (
        ONE,
        [draining(NOW + 1), new(A.RUNNING)],
        [Stop(1)],
    ),
    "one fewer drains": (STAYING, [new(A.RUNNING, 2), new(A.RUNNING, 3)], [Drain(3, NOW + 600)]),
    "what sleeps does not drain": (STAYING, [old(A.SLEEPING), new(A.RUNNING)], [Stop(1)]),
    # Memory
    "what is worn is replaced": (STAYING, [worn()], [NEW]),
    "what is worn serves until then": (STAYING, [worn(), new(A.STARTING, 3)], []),
    "what is worn drains": (STAYING, [worn(), new(A.RUNNING, 3)], [Drain(2, NOW + 600)]),
    "alone: what is worn ends first": (ALONE, [worn()], [Stop(2)]),
    # Restarts of two
    "two old ones wait for both new ones": (
        TWO,
        [old(A.RUNNING, 1), old(A.RUNNING, 2), new(A.RUNNING, 3), new(A.STARTING, 4)],
        [],
    ),
    "two old ones go together": (
        TWO,
        [old(A.RUNNING, 1), old(A.RUNNING, 2), new(A.RUNNING, 3), new(A.RUNNING, 4)],
        [Stop(1), Stop(2)],
    ),
    # One at a time
    "alone: the old one ends first": (ALONE, [old(A.RUNNING)], [Stop(1)]),
    "alone: and the new one waits": (ALONE, [old(A.DRAINING, deadline=NOW + 1)], []),
    "alone: until it has ended": (ALONE, [old(A.STOPPED)], [NEW, Remove(1)]),
    "alone: a failed one is in nobody's way": (ALONE, [old(A.FAILED)], [Stop(1), NEW]),
    "alone: a draining one of the same generation": (
        ALONE,
        [new(A.DRAINING, deadline=NOW + 1)],
        [],
    ),
    # More and fewer
    "one more": (TWO, [new(A.RUNNING)], [NEW]),
    "one fewer": (ONE, [new(A.RUNNING, 2), new(A.RUNNING, 3)], [Stop(3)]),
    "fewer: what runs stays": (ONE, [new(A.FAILED, 2), new(A.RUNNING, 3)], [Stop(2)]),
    "fewer: what runs stays, by number": (
        ONE,
        [new(A.BUILDING, 2), new(A.RUNNING, 3), new(A.RUNNING, 4)],
        [Stop(2), Stop(4)],
    ),
    # Stops
    "stop while it runs": (NONE, [new(A.RUNNING)], [Stop(2)]),
    "stop while it builds": (NONE, [new(A.BUILDING)], [Stop(2)]),
    "stop while it starts": (NONE, [new(A.STARTING)], [Stop(2)]),
    "stop while it waits": (NONE, [new(A.BACKOFF, retry_at=0)], [Stop(2)]),
    "stop of what failed": (NONE, [new(A.FAILED)], [Stop(2)]),
    "stop of both generations": (NONE, [old(A.RUNNING), new(A.STARTING)], [Stop(1), Stop(2)]),
    "a start while it is ending": (ONE, [new(A.DRAINING, deadline=NOW + 1)], [NEW]),
    # Time
    "a retry that is due": (ONE, [new(A.BACKOFF, retry_at=NOW)], [Retry(2)]),
    "a retry that is not": (ONE, [new(A.BACKOFF, retry_at=NOW + 0.1)], []),
    "a start that took too long": (ONE, [new(A.STARTING, deadline=NOW)], [Kill(2)]),
    "a stop that took too long": (NONE, [new(A.DRAINING, deadline=NOW)], [Kill(2)]),
    "an old stop that took too long": (
        ONE,
        [old(A.DRAINING, deadline=NOW), new(A.RUNNING)],
        [Kill(1)],
    ),
}


@pytest.mark.parametrize(("wish", "there", "done"), TABLE.values(), ids=TABLE.keys())
def test_plan(wish: Wish, there: list[Replica], done: list[Action]) -> None:
    assert of(wish, *there) == done


@pytest.mark.parametrize("state", [A.BUILDING, A.STARTING, A.RUNNING, A.BACKOFF, A.FAILED])
def test_a_unit_that_is_configured_no_more_ends(state: State) -> None:
    assert plan({}, [replica(state, unit="gone")], NOW) == [Stop(1)]


def test_units_are_independent() -> None:
    wishes = {"a": Wish(1, 1), "b": Wish(0, 1), "c": Wish(1, 3)}
    there = [
        replica(A.RUNNING, number=1, unit="b"),
        replica(A.RUNNING, number=2, unit="c", generation=2),
        replica(A.STOPPED, number=3, unit="d"),
    ]
    assert plan(wishes, there, NOW) == [Create("a", 1), Stop(1), Create("c", 3), Remove(3)]


def test_the_end_of_a_drain_is_due() -> None:
    assert next_due({"hello": STAYING}, [draining(NOW + 7), new(A.RUNNING)]) == NOW + 7


def test_due() -> None:
    wishes = {"hello": Wish(1, 1)}
    assert next_due(wishes, []) is None
    assert next_due(wishes, [replica(A.RUNNING)]) is None
    waiting = replica(A.BACKOFF, retry_at=70.0)
    starting = replica(A.STARTING, deadline=60.0)
    assert next_due(wishes, [waiting, starting, replica(A.RUNNING)]) == 60.0
    assert next_due(wishes, [waiting]) == 70.0


IDLE = Wish(1, 2, idle_timeout=60)
TABS = Wish(1, 2, idle_timeout=60, idle_tab_timeout=600)


def used(ago: float, sessions: int | None = 0, **more: Any) -> Replica:
    """Return a replica that was used so many seconds ago."""
    return new(A.RUNNING, instance=instance(sessions=sessions, used_at=NOW - ago, **more))


SLEEPS: dict[str, tuple[Wish, Replica, list[Action]]] = {
    "long enough": (IDLE, used(60), [Sleep(2)]),
    "not yet": (IDLE, used(59), []),
    "never, where it may not": (ONE, used(10_000), []),
    "not before it told": (IDLE, new(A.RUNNING), []),
    "not while it answers a request": (IDLE, used(10_000, busy=True), []),
    "not with a tab open": (IDLE, used(10_000, sessions=1), []),
    "with a tab that does nothing, where that counts": (TABS, used(660, sessions=1), [Sleep(2)]),
    "not before that counts": (TABS, used(659, sessions=1), []),
    "without tabs, no longer for those": (TABS, used(60), [Sleep(2)]),
    "not where it could not be woken": (IDLE, used(10_000, binds_itself=True), []),
    "not twice": (IDLE, replace(used(10_000), resting=True), []),
    "not of an older generation": (Wish(1, 3, idle_timeout=60), used(10_000), [Create("hello", 3)]),
    "at once, if told so": (
        Wish(1, 2, sleep_before=NOW),
        used(0, sessions=3, busy=True, birth=NOW - 1),
        [Sleep(2, at_once=True)],
    ),
    "not what began later": (Wish(1, 2, sleep_before=NOW - 2), used(0, birth=NOW - 1), []),
    "too long on its way": (IDLE, replace(used(60), resting=True, deadline=NOW), [Kill(2)]),
}


@pytest.mark.parametrize(("wish", "there", "done"), SLEEPS.values(), ids=SLEEPS.keys())
def test_sleep(wish: Wish, there: Replica, done: list[Action]) -> None:
    assert of(wish, there) == done
    if not done and not there.resting:
        due = next_due({"hello": wish}, [there])
        assert due is None or due > NOW


ASLEEP = new(A.SLEEPING, reserved="abc234")

ASLEEP_AND: dict[str, tuple[Wish, list[Replica], list[Action]]] = {
    "it is wished": (ONE, [ASLEEP], []),
    "it is wished no more": (NONE, [ASLEEP], [Stop(2)]),
    "a newer generation is wished": (
        Wish(1, 3),
        [ASLEEP],
        [Create("hello", 3)],
    ),
    "the newer generation serves": (
        Wish(1, 3),
        [ASLEEP, replica(A.RUNNING, number=3, generation=3)],
        [Stop(2)],
    ),
    "it is the newer generation": (ONE, [old(A.RUNNING), ASLEEP], [Stop(1)]),
    "another is wished": (TWO, [ASLEEP], [NEW]),
    "fewer are wished, and the other runs": (
        ONE,
        [ASLEEP, new(A.RUNNING, 3)],
        [Stop(2)],
    ),
    "fewer are wished, and the other has failed": (
        ONE,
        [ASLEEP, new(A.FAILED, 3)],
        [Stop(3)],
    ),
}


@pytest.mark.parametrize(("wish", "there", "done"), ASLEEP_AND.values(), ids=ASLEEP_AND.keys())
def test_asleep_and(wish: Wish, there: list[Replica], done: list[Action]) -> None:
    assert of(wish, *there) == done


def test_others_wait_with_their_start_until_the_first_have_come_up() -> None:
    wishes = {"@site": Wish(1, 1, first=True), "hello": Wish(1, 1)}
    assert plan(wishes, [], 0.0) == [Create("@site", 1)]
    for state in (State.BUILDING, State.STARTING):
        assert plan(wishes, [replica(state, unit="@site")], 0.0) == []
    for state in (State.RUNNING, State.BACKOFF, State.FAILED):
        assert plan(wishes, [replica(state, unit="@site")], 0.0) == [Create("hello", 1)]
    crashing = replica(State.STARTING, unit="@site", crashes=1)
    assert plan(wishes, [crashing], 0.0) == [Create("hello", 1)]


def test_what_runs_is_kept_while_the_first_come_back() -> None:
    wishes = {"@site": Wish(1, 1, first=True), "hello": Wish(0, 1)}
    running = replica(State.RUNNING, number=7)
    assert Stop(7) in plan(wishes, [running], 0.0)


def test_where_memory_is_short_the_one_used_longest_ago_sleeps() -> None:
    wishes = {"hello": replace(IDLE, idle_timeout=10_000), "never": ONE}
    long_ago = replace(used(900), number=7)
    none = [
        replace(used(59), number=1),
        replace(used(5000, sessions=1), number=2),
        replace(used(5000, busy=True), number=3),
        replace(used(5000), number=4, unit="never"),
        replace(used(5000), number=5, resting=True),
        new(A.SLEEPING, number=6, reserved="abc234"),
    ]
    assert idlest(wishes, none, NOW) is None
    assert idlest(wishes, [*none, replace(used(600), number=8), long_ago], NOW) == 7
