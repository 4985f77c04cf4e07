"""The table of states: every pair leads where it says, or is refused."""

import itertools

import pytest

from streamlit_controls.core.lifecycle import (
    ALIVE,
    SETTLED,
    SHOWN_FIRST,
    TABLE,
    Event,
    IllegalEvent,
    State,
    after,
    combined,
)
from streamlit_controls.core.replica import Replica

EVERY_PAIR = list(itertools.product(State, Event))


@pytest.mark.parametrize(("state", "event"), EVERY_PAIR, ids=lambda each: each.name)
def test_every_pair(state: State, event: Event) -> None:
    replica = Replica(1, "hello", 1, 8501, state)
    if (state, event) in TABLE:
        assert after(state, event) is TABLE[state, event]
        assert replica.transition(event) == Replica(1, "hello", 1, 8501, TABLE[state, event])
    else:
        with pytest.raises(IllegalEvent, match=f"{event.value} while {state.value}"):
            after(state, event)
        with pytest.raises(IllegalEvent):
            replica.transition(event)
        assert replica == Replica(1, "hello", 1, 8501, state)


def test_every_state_is_reached() -> None:
    reached = {State.STOPPED}
    while new := {to for (state, _), to in TABLE.items() if state in reached} - reached:
        reached |= new
    assert reached == set(State)


def test_every_state_can_end() -> None:
    ends = {State.STOPPED}
    while new := {state for (state, _), to in TABLE.items() if to in ends} - ends:
        ends |= new
    assert ends == set(State)


def test_every_event_leads_somewhere() -> None:
    assert {event for _, event in TABLE} == set(Event)


def test_what_is_wanted_no_more_is_stopped_at_any_time() -> None:
    there = set(State) - {State.STOPPED}
    assert {state for state, event in TABLE if event is Event.STOP} == there


def test_a_process_ends_where_there_is_one() -> None:
    assert {state for state, event in TABLE if event is Event.EXITED} == ALIVE


def test_settled_states_change_only_from_outside() -> None:
    by_themselves = {Event.BUILT, Event.READY, Event.RETRY, Event.GIVE_UP, Event.REFUSED}
    assert not {state for state, event in TABLE if event in by_themselves} & SETTLED


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TABLE[State.STOPPED, Event.STOP] = State.FAILED  # type: ignore[index]


def test_every_state_can_speak_for_an_app() -> None:
    assert sorted(SHOWN_FIRST) == sorted(State)


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (set(), State.STOPPED),
        ({State.FAILED, State.RUNNING}, State.RUNNING),
        ({State.BACKOFF, State.BUILDING}, State.BUILDING),
        ({State.DRAINING, State.FAILED}, State.FAILED),
        ({State.DRAINING, State.STOPPED}, State.DRAINING),
    ],
)
def test_combined(states: set[State], shown: State) -> None:
    assert combined(states) is shown
