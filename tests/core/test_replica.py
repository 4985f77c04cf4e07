"""Histories of one replica: starts, crashes, stops."""

from dataclasses import replace

import pytest

from streamlit_controls.core.backoff import Backoff
from streamlit_controls.core.lifecycle import Event, IllegalEvent, State
from streamlit_controls.core.replica import Replica
from tests.support.samples import instance, replica

BACKOFF = Backoff()


def started(before: Replica, now: float) -> Replica:
    born = instance(birth=now)
    return before.transition(Event.BUILT).launched(born, deadline=now + 60)


def crashed(before: Replica, now: float, may_restart: bool = True) -> Replica:
    return before.exited(
        "exited with code 1", now, BACKOFF, may_restart=may_restart, successor="next22"
    )


def test_a_good_start() -> None:
    new = Replica(1, "hello", 1, 8501).transition(Event.START)
    assert (new.state, new.alive) == (State.BUILDING, False)
    starting = started(new, 100)
    assert (starting.state, starting.alive, starting.deadline) == (State.STARTING, True, 160)
    ready = starting.ready(None)
    assert (ready.state, ready.deadline, ready.error) == (State.RUNNING, None, None)


def test_a_script_that_fails_is_told_by_its_instance() -> None:
    ready = started(Replica(1, "hello", 1, 8501, State.BUILDING), 100).ready("ZeroDivisionError")
    assert ready.state is State.RUNNING
    assert ready.instance is not None
    assert ready.instance.error == "ZeroDivisionError"


def test_a_refused_start_has_no_process_and_no_deadline() -> None:
    building = Replica(1, "hello", 1, 8501, State.BUILDING)
    for each in (building, started(building, 100)):
        refused = each.refused("no Streamlit")
        assert (refused.state, refused.error) == (State.FAILED, "no Streamlit")
        assert (refused.instance, refused.deadline, refused.retry_at) == (None, None, None)


def test_quick_crashes_wait_longer_and_longer_and_then_give_up() -> None:
    each, now = replica(State.BUILDING), 100.0
    waits = []
    for crash in range(1, 6):
        each = started(each, now).ready(None)
        now += 1.0
        each = crashed(each, now)
        assert each.crashes == crash
        if each.state is State.FAILED:
            break
        assert each.state is State.BACKOFF
        assert each.retry_at is not None
        waits.append(each.retry_at - now)
        now = each.retry_at
        each = each.retrying()
        assert (each.state, each.retry_at, each.restarts) == (State.BUILDING, None, crash)
    assert waits == [0.0, 0.5, 1.0, 2.0]
    assert each.state is State.FAILED
    assert each.error == "exited with code 1; gave up after 5 crashes in a row"
    assert (each.retry_at, each.deadline, each.instance) == (None, None, None)


def test_a_long_life_forgives() -> None:
    each = started(replica(State.BUILDING, crashes=4), 100).ready(None)
    after = crashed(each, 131)
    assert (after.state, after.crashes, after.retry_at) == (State.BACKOFF, 1, 131)


def test_one_that_never_answered_has_not_lived() -> None:
    """Without this, a start that always runs into its deadline would go on for ever."""
    each = started(replica(State.BUILDING, crashes=4), 100)
    assert crashed(each, 161).state is State.FAILED


def test_one_that_may_not_restart_fails_at_once() -> None:
    each = started(replica(State.BUILDING), 100).ready(None)
    after = crashed(each, 1000, may_restart=False)
    assert (after.state, after.error, after.retry_at) == (
        State.FAILED,
        "exited with code 1",
        None,
    )


def test_an_end_that_was_meant_is_no_crash() -> None:
    draining = replica(State.RUNNING).stopping(deadline=210)
    assert (draining.state, draining.deadline) == (State.DRAINING, 210)
    stopped = crashed(draining, 205)
    assert (stopped.state, stopped.crashes, stopped.error) == (State.STOPPED, 0, None)
    assert (stopped.instance, stopped.deadline, stopped.retry_at) == (None, None, None)


@pytest.mark.parametrize("state", [State.BUILDING, State.BACKOFF, State.FAILED])
def test_without_a_process_a_stop_is_the_end(state: State) -> None:
    stopped = replica(state, retry_at=5.0).stopping(deadline=210)
    assert (stopped.state, stopped.deadline, stopped.retry_at) == (State.STOPPED, None, None)


def test_what_has_ended_is_not_stopped() -> None:
    with pytest.raises(IllegalEvent):
        replica(State.STOPPED).stopping(deadline=1)


def test_it_drains_and_is_stopped() -> None:
    draining = replica(instance=instance(sessions=2), resting=True).draining(until=800.0)
    assert (draining.state, draining.drains_until) == (State.DRAINING, 800.0)
    assert (draining.resting, draining.deadline) == (False, None)
    stopping = draining.stopping(deadline=810.0)
    assert (stopping.state, stopping.drains_until) == (State.DRAINING, None)
    assert stopping.deadline == 810.0
    gone = crashed(draining, 300)
    assert (gone.state, gone.drains_until, gone.reserved) == (State.STOPPED, None, None)


@pytest.mark.parametrize(
    ("before", "reserved"),
    [
        (replica(), "next22"),
        (replica(State.STARTING, reserved="first2"), "next22"),
        (replica(State.STARTING), None),
        (replica(crashes=3, instance=instance(birth=199.0)), None),
        (replica(instance=instance(binds_itself=True)), None),
    ],
    ids=["that served", "again", "that never served", "too often", "that binds its port itself"],
)
def test_where_visitors_of_one_that_crashed_wait(before: Replica, reserved: str | None) -> None:
    after = crashed(before, 200)
    assert (after.state, after.reserved) == (State.BACKOFF, reserved)


def test_its_environment_stays_with_it() -> None:
    running = replace(replica(), python="/envs/x/bin/python")
    assert crashed(running, 200).python == "/envs/x/bin/python"


def test_why_it_was_killed_is_known_until_it_has_ended() -> None:
    condemned = replica().condemned("hangs")
    assert condemned.condemned_for == "hangs"
    assert crashed(condemned, 200).condemned_for is None


def test_what_outgrew_its_limit_starts_anew() -> None:
    worn = replica().outgrown("used 3 GB")
    assert (worn.state, worn.worn) == (State.RUNNING, "used 3 GB")
    assert crashed(worn, 200).worn is None


def test_a_sleep_and_a_wake() -> None:
    told = replica(instance=instance(sessions=0)).told_to_sleep(deadline=210.0)
    assert (told.state, told.resting, told.deadline) == (State.RUNNING, True, 210.0)
    asleep = told.slept("abc234")
    assert (asleep.state, asleep.alive, asleep.address) == (State.SLEEPING, False, "abc234")
    assert (asleep.deadline, asleep.resting, asleep.dozing) == (None, False, False)
    waking = asleep.waking()
    assert (waking.state, waking.address, waking.visitable) == (State.BUILDING, "abc234", True)
    born = instance("abc234", birth=300.0)
    awake = waking.transition(Event.BUILT).launched(born, 360.0).ready(None)
    assert (awake.state, awake.reserved, awake.address) == (State.RUNNING, None, "abc234")


def test_a_crash_on_the_way_to_sleep_is_no_crash() -> None:
    asleep = replica(crashes=2).told_to_sleep(deadline=210.0).slept("abc234")
    assert (asleep.state, asleep.crashes, asleep.error) == (State.SLEEPING, 2, None)


def test_what_goes_to_sleep_with_tabs_open_dozes_until_it_is_woken() -> None:
    asleep = replica(instance=instance(sessions=1)).told_to_sleep(210.0).slept("abc234")
    assert asleep.dozing
    awake = asleep.waking().transition(Event.BUILT).launched(instance("abc234"), 360.0)
    assert not awake.ready(None).dozing


def test_what_was_used_meanwhile_stays_awake() -> None:
    told = replica().told_to_sleep(deadline=210.0)
    assert told.stays_awake() == replica()


def test_what_cannot_be_woken_has_no_address() -> None:
    waking = replica(State.SLEEPING, reserved="abc234").waking()
    assert waking.refused("no script").address is None
    assert not waking.refused("no script").visitable
    assert waking.stopping(10.0).address is None


def test_use_makes_no_instance_another() -> None:
    assert instance(used_at=1.0, busy=True) == instance(used_at=2.0)
