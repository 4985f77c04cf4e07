"""Histories of sleep: who goes, who is woken, and what comes between."""

import asyncio
from dataclasses import replace

import pytest

from streamlit_controls.core.events import Pressed, Reported, Unhealthy
from streamlit_controls.core.lifecycle import State
from streamlit_controls.manager.actions import STOP_TIMEOUT
from tests.manager.fake_engine import World
from tests.support.asynchronous import bounded
from tests.support.samples import instance, replica, unit

A = State
PAGE = unit(idle_timeout=60)


def running(sessions: int = 0) -> World:
    """Return a world with one page that was used just now."""
    made = World(PAGE)
    made.wish()
    made.up(1)
    made.reported(1, sessions=sessions, used_at=made.engine.now, busy=False)
    made.engine.told.clear()
    return made


def asleep() -> World:
    it = running()
    it.passes(60)
    it.exited(1, "exited with code 0")
    it.engine.told.clear()
    return it


def successor() -> World:
    """Return a world whose manager knows what is wished and is about to look at what is there."""
    made = World(PAGE)
    made.reconciler.wish(made.units, made.wishes())
    return made


def test_what_nobody_uses_sleeps() -> None:
    it = running()
    it.passes(59)
    assert it.heard("nap") == []
    it.passes(1)
    assert it.heard("nap") == [1]
    assert it.states() == {1: A.RUNNING}
    it.exited(1, "exited with code 0")
    assert it.states() == {1: A.SLEEPING}
    assert it.heard("rest") == [1]
    assert it.heard("release") == []


def test_who_knocks_wakes_it_at_the_address_that_it_gave() -> None:
    it = asleep()
    address = it.replica(1).address
    it.knocked(1)
    assert it.states() == {1: A.BUILDING}
    assert it.heard("prepare") == [1]
    it.up(1)
    assert it.states() == {1: A.RUNNING}
    assert it.instance(1).id == address
    assert it.replica(1).restarts == 0


def test_it_sleeps_and_wakes_again_and_again() -> None:
    it = asleep()
    addresses = {it.replica(1).address}
    for _ in range(3):
        it.knocked(1)
        it.up(1)
        it.reported(1, sessions=0, used_at=it.engine.now, busy=False)
        it.passes(60)
        it.exited(1, "exited with code 0")
        addresses.add(it.replica(1).address)
    assert len(addresses) == 4


def test_fifty_who_knock_wake_it_once() -> None:
    it = asleep()
    for _ in range(50):
        it.knocked(1)
    assert it.heard("prepare") == [1]


def test_who_comes_while_it_goes_keeps_it_awake() -> None:
    it = running()
    it.passes(60)
    it.reported(1, sessions=1, used_at=it.engine.now, busy=True, stays=1)
    assert not it.replica(1).resting
    assert it.replica(1).deadline is None
    it.reported(1, sessions=0, used_at=it.engine.now, busy=False, stays=1)
    it.heard("nap")
    it.passes(60)
    assert it.heard("nap") == [1]


def test_what_it_told_before_it_agreed_is_no_crash() -> None:
    it = running()
    it.passes(60)
    it.reported(1, sessions=1, used_at=it.engine.now, busy=True)
    it.exited(1, "exited with code 0")
    assert it.states() == {1: A.SLEEPING}
    assert it.replica(1).crashes == 0


def test_what_was_heard_counts_before_what_is_due() -> None:
    @bounded
    async def history() -> None:
        it = running()
        it.engine.now += 60
        it.reconciler.post(
            Reported(1, it.instance(1).id, {"sessions": 1, "used_at": it.engine.now})
        )
        working = asyncio.create_task(it.reconciler.run())
        published = it.published
        while it.published == published:
            await asyncio.sleep(0)
        working.cancel()
        assert it.heard("nap") == []

    history()


def test_a_heartbeat_that_says_nothing_new_does_not_keep_it_awake() -> None:
    it = running()
    used_at = it.engine.now
    it.passes(60)
    it.reported(1, sessions=0, used_at=used_at, busy=False)
    assert it.replica(1).resting


def test_what_does_not_go_is_killed_and_sleeps() -> None:
    it = running()
    it.passes(60)
    it.passes(STOP_TIMEOUT)
    assert it.heard("kill") == [1]
    it.exited(1, "was ended by SIGKILL")
    assert it.states() == {1: A.SLEEPING}
    assert it.replica(1).crashes == 0


def test_the_operator_puts_it_to_sleep_at_once() -> None:
    it = running(sessions=2)
    it.sleep("hello")
    assert it.heard("end now") == [1]
    it.exited(1, "exited with code 0")
    assert it.states() == {1: A.SLEEPING}
    assert it.replica(1).dozing
    it.knocked(1)
    it.engine.now += 1.0
    it.up(1)
    assert it.states() == {1: A.RUNNING}


def test_a_restart_wakes_it_and_leaves_no_gap() -> None:
    it = asleep()
    it.restart("hello")
    assert it.states() == {1: A.SLEEPING, 2: A.BUILDING}
    it.up(2)
    assert it.states() == {2: A.RUNNING}
    assert it.heard("forget") == [1]


def test_a_stop_ends_it() -> None:
    it = asleep()
    it.stop("hello")
    assert it.states() == {}
    assert it.heard("forget") == [1]
    assert set(it.heard("release")) == {8501}


def test_who_knocks_at_what_cannot_start_finds_out_why() -> None:
    it = asleep()
    it.knocked(1)
    it.refused(1, "there is no app.py")
    assert it.states() == {1: A.FAILED}
    assert it.replica(1).error == "there is no app.py"
    assert it.heard("release") == [8501]


def test_a_successor_waits_in_its_place() -> None:
    it = successor()
    left = replica(A.SLEEPING, number=7, reserved="abc234", dozing=True)
    it.reconciler.restore((left,))
    it.happen()
    assert it.states() == {7: A.SLEEPING}
    assert it.heard("rest") == [7]
    assert it.heard("prepare") == []
    it.knocked(7)
    it.up(7)
    assert it.instance(7).id == "abc234"


@pytest.mark.parametrize("state", [A.BUILDING, A.BACKOFF])
def test_a_successor_starts_what_was_just_being_started(state: State) -> None:
    """Somebody waits for it, or it had crashed and may be one that never sleeps."""
    it = successor()
    it.reconciler.restore((replica(state, number=7, reserved="abc234"),))
    assert it.heard("hold") == ["abc234"]
    it.happen()
    assert it.states() == {7: A.BUILDING}
    it.up(7)
    assert it.instance(7).id == "abc234"


def test_what_went_to_sleep_while_no_manager_ran_sleeps() -> None:
    it = successor()
    it.engine.gone.add("abc234")
    left = replica(number=7, instance=instance("abc234")).told_to_sleep(1.0)
    it.reconciler.restore((replace(left, unit="hello"),))
    it.happen()
    assert it.states() == {7: A.RUNNING}
    it.exited(7)
    assert it.states() == {7: A.SLEEPING}


def test_where_memory_is_short_one_after_the_other_sleeps_early() -> None:
    it = running()
    it.happen(Pressed())
    assert it.heard("nap") == []
    it.engine.now += 59.5
    it.happen(Pressed())
    assert it.heard("nap") == []
    it = running()
    it.units["hello"] = replace(PAGE, idle_timeout=10_000)
    it.wish()
    it.engine.now += 61
    it.happen(Pressed(), Pressed())
    assert it.heard("nap") == [1]


def test_what_is_ended_by_force_on_its_way_to_sleep_is_not_so_when_it_wakes() -> None:
    it = running()
    it.happen(Pressed())
    it.engine.now += 61
    it.happen(Pressed())
    assert it.heard("nap") == [1]
    it.happen(Unhealthy(1, it.instance(1).id, "it hangs"))
    it.exited(1, "was ended by SIGKILL")
    assert it.states() == {1: A.SLEEPING}
    it.knocked(1)
    it.prepared(1)
    assert not it.replica(1).never_answered
    it.exited(1, "exited with code 1")
    assert it.replica(1).error == "exited with code 1"
