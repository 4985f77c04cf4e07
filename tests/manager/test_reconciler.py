"""Histories: what the reconciler does about what happens, with no process and no real time."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from streamlit_controls.core.config import START_TIMEOUT
from streamlit_controls.core.events import Exited, Prepared, Ready, Unhealthy
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.unit import Kind, Unit
from streamlit_controls.manager.actions import STOP_TIMEOUT
from tests.manager.fake_engine import World
from tests.support.samples import instance, replica, unit

A = State
PAGE = unit()
SERVICE = unit("hello.api", Kind.ASGI, 8502)
COMMAND = unit("hello.work", Kind.COMMAND, 8503)


def world(*units: Unit) -> World:
    made = World(*(units or (PAGE,)))
    made.wish()
    return made


def running(*units: Unit) -> World:
    made = world(*units)
    for number in list(made.states()):
        made.up(number)
    made.engine.told.clear()
    return made


def test_first_start() -> None:
    it = world()
    assert it.states() == {1: A.BUILDING}
    assert it.heard("prepare") == [1]
    it.prepared(1)
    assert it.states() == {1: A.STARTING}
    assert it.replica(1).port == 8501
    it.ready(1)
    assert it.states() == {1: A.RUNNING}


def test_a_restart_replaces_when_the_new_one_serves() -> None:
    it = running()
    it.restart("hello")
    assert it.states() == {1: A.RUNNING, 2: A.BUILDING}
    it.prepared(2)
    assert it.states() == {1: A.RUNNING, 2: A.STARTING}
    assert it.heard("terminate") == []
    it.ready(2)
    assert it.states() == {1: A.DRAINING, 2: A.RUNNING}
    assert it.heard("terminate") == [1]
    it.exited(1, "exited with code 0")
    assert it.states() == {2: A.RUNNING}
    assert set(it.heard("release")) == {8501}


def test_each_page_has_a_port_of_its_own() -> None:
    it = running()
    it.restart("hello")
    it.up(2)
    it.exited(1)
    assert it.replica(2).port == 40000
    it.restart("hello")
    it.up(3)
    assert it.replica(3).port == 8501


def test_a_service_s_old_and_new_process_share_their_socket() -> None:
    it = running(SERVICE)
    it.restart("hello.api")
    it.up(2)
    it.exited(1)
    assert it.replica(2).port == 8502
    assert it.heard("release") == []


@pytest.mark.parametrize("failing", [False, True])
def test_a_command_keeps_its_port_over_restarts(failing: bool) -> None:
    """Its program was told that number: on another it would never be asked."""
    it = world(COMMAND)
    if failing:
        it.refused(1)
    else:
        it.up(1)
    it.restart("hello.work")
    if not failing:
        assert it.states() == {1: A.DRAINING}
        it.exited(1)
    assert it.states() == {2: A.BUILDING}
    it.up(2)
    assert it.replica(2).port == 8503


def test_a_page_that_failed_gets_its_port_again() -> None:
    it = world()
    it.refused(1)
    it.restart("hello")
    it.up(2)
    assert it.replica(2).port == 8501


@pytest.mark.parametrize("how", ["refused", "script", "crashes"])
def test_a_restart_into_failure_keeps_the_old_one(how: str) -> None:
    it = running()
    it.restart("hello")
    if how == "refused":
        it.refused(2, "no Streamlit")
    elif how == "script":
        it.prepared(2)
        it.ready(2, "ZeroDivisionError")
    else:
        for _ in range(5):
            it.passes(60)
            it.prepared(2)
            it.exited(2)
    assert it.states() == {1: A.RUNNING, 2: A.FAILED}
    assert it.replica(2).error
    assert it.heard("terminate") == []
    it.restart("hello")
    it.up(3)
    it.exited(1)
    assert it.states() == {3: A.RUNNING}


def test_a_first_start_whose_script_fails_runs_and_says_so() -> None:
    it = world()
    it.prepared(1)
    it.ready(1, "ZeroDivisionError")
    assert it.states() == {1: A.RUNNING}
    assert it.instance(1).error == "ZeroDivisionError"
    it.reported(1, sessions=1, error=None)
    assert it.instance(1).error is None


def test_a_crash_is_repaired_at_once_and_then_more_and_more_slowly() -> None:
    it = running()
    it.exited(1)
    assert it.states() == {1: A.BUILDING}
    assert it.replica(1).restarts == 1
    it.up(1)
    it.exited(1)
    assert it.states() == {1: A.BACKOFF}
    it.passes(0.4)
    assert it.states() == {1: A.BACKOFF}
    it.passes(0.2)
    assert it.states() == {1: A.BUILDING}
    for _ in range(3):
        it.up(1)
        it.exited(1)
        it.passes(30)
    assert it.states() == {1: A.FAILED}
    assert it.replica(1).error == "exited with code 1; gave up after 5 crashes in a row"


def test_a_port_is_kept_while_it_waits_and_given_back_when_it_gives_up() -> None:
    it = running(replace(PAGE, restart_on_crash=False))
    it.exited(1)
    assert it.states() == {1: A.FAILED}
    assert it.heard("release") == [8501]
    it = running()
    it.exited(1)
    assert it.heard("release") == []


@pytest.mark.parametrize("kind", [Kind.GATEWAY, Kind.COMMAND])
def test_who_is_replaced_by_one_that_comes_after_it_leaves_it_its_port(kind: Kind) -> None:
    """Given up and taken again, it might be somebody else's, and refuses visitors meanwhile."""
    it = running(unit("alone", kind, 5000))
    it.restart("alone")
    assert it.heard("terminate") == [1]
    it.exited(1, "exited with code 0")
    assert it.states() == {2: A.BUILDING}
    it.prepared(2)
    assert it.replica(2).port == 5000
    assert it.heard("release") == []
    it.stop("alone")
    it.exited(2, "exited with code 0")
    assert it.heard("release") == [5000]


def test_a_start_that_takes_too_long_is_killed_and_says_why() -> None:
    it = world()
    it.prepared(1)
    it.passes(START_TIMEOUT - 0.1)
    assert it.heard("kill") == []
    it.passes(0.1)
    assert it.heard("kill") == [1]
    it.exited(1, "was ended by SIGKILL")
    assert it.replica(1).error == "did not answer within 60 seconds, its start_timeout"


def test_how_long_a_start_may_take_is_the_unit_s_own() -> None:
    it = world(replace(PAGE, start_timeout=300))
    it.prepared(1)
    it.passes(299)
    assert it.heard("kill") == []
    it.passes(1)
    assert it.heard("kill") == [1]


def test_a_replacement_that_never_answers_is_not_tried_again() -> None:
    """It would take as long again, five times, while somebody waits for the command's end."""
    it = running()
    it.restart("hello")
    it.prepared(2)
    it.passes(START_TIMEOUT)
    assert it.heard("kill") == [2]
    it.exited(2, "was ended by SIGKILL")
    assert it.states() == {1: A.RUNNING, 2: A.FAILED}
    assert it.replica(2).error == "did not answer within 60 seconds, its start_timeout"


def test_a_start_that_always_takes_too_long_comes_to_an_end() -> None:
    it = world()
    for _ in range(20):
        if it.states() == {1: A.FAILED}:
            break
        it.prepared(1)
        it.passes(START_TIMEOUT)
        it.exited(1)
        it.passes(30)
    assert it.states() == {1: A.FAILED}


def test_a_stop_that_takes_too_long_is_killed() -> None:
    it = running()
    it.stop("hello")
    assert it.heard("terminate") == [1]
    it.passes(STOP_TIMEOUT)
    assert it.heard("kill") == [1]
    it.passes(100)
    assert it.heard("kill") == []
    it.exited(1)
    assert it.states() == {}


def test_what_does_not_answer_any_more_is_killed_and_started_again() -> None:
    it = running()
    it.happen(Unhealthy(1, it.instance(1).id, "did not answer 3 health checks in a row"))
    assert it.heard("kill") == [1]
    it.exited(1, "was ended by SIGKILL")
    assert it.states() == {1: A.BUILDING}
    assert it.replica(1).error == "did not answer 3 health checks in a row"


def test_a_stop_during_each_part_of_a_start() -> None:
    it = world()
    it.stop("hello")
    assert it.heard("forget") == [1]
    assert it.states() == {}
    it.start("hello")
    it.prepared(2)
    it.stop("hello")
    assert it.states() == {2: A.DRAINING}
    it.exited(2)
    assert it.states() == {}


def test_a_start_during_a_stop() -> None:
    it = running()
    it.stop("hello")
    it.start("hello")
    assert it.states() == {1: A.DRAINING, 2: A.BUILDING}
    it.up(2)
    it.exited(1)
    assert it.states() == {2: A.RUNNING}


def test_news_of_what_is_over_change_nothing() -> None:
    it = running()
    old = it.instance(1).id
    it.exited(1)
    it.up(1)
    it.stop("hello")
    before = it.reconciler.replicas
    it.happen(
        Prepared(1, PAGE.dir, ""),
        Ready(1, old),
        Exited(1, old, "was ended by SIGKILL"),
        Unhealthy(1, old, "no answer"),
        Ready(77, "nobody"),
        Exited(77, "nobody", ""),
    )
    assert it.reconciler.replicas == before
    assert it.heard("kill") == []


def test_reports() -> None:
    it = running()
    it.reported(1, sessions=3, error="KeyError: 'x'", more=[])
    assert (it.instance(1).sessions, it.instance(1).error) == (3, "KeyError: 'x'")
    it.reported(1, sessions="many", error=5)
    assert (it.instance(1).sessions, it.instance(1).error) == (None, None)


def test_a_port_that_is_taken_is_a_clear_message() -> None:
    it = world()
    it.engine.refuse_launch = "port 8501 is taken by nginx, pid 7"
    it.prepared(1)
    assert it.states() == {1: A.FAILED}
    assert it.replica(1).error == "port 8501 is taken by nginx, pid 7 (choose another port)"


def test_a_unit_removed_from_the_configuration_ends() -> None:
    it = running(PAGE, SERVICE)
    del it.units["hello.api"]
    it.wish()
    assert it.states() == {1: A.RUNNING, 2: A.DRAINING}
    it.exited(2)
    assert it.states() == {1: A.RUNNING}


def test_more_replicas_and_fewer() -> None:
    it = running(replace(PAGE, replicas=3))
    assert sorted(each.port for each in it.reconciler.replicas) == [8501, 40000, 40001]
    it.units["hello"] = PAGE
    it.wish()
    assert it.states() == {1: A.RUNNING, 2: A.DRAINING, 3: A.DRAINING}


def test_a_successor_takes_over_what_runs() -> None:
    it = World(PAGE, SERVICE)
    it.reconciler.wish(it.units, it.wishes())
    running = replica(number=7, instance=instance("i7"))
    ending = replica(A.DRAINING, number=9, unit="hello.api", port=8502, deadline=1e6)
    it.reconciler.restore((running, ending, replica(A.BACKOFF, number=12)))
    it.happen()
    assert it.states() == {7: A.RUNNING, 9: A.DRAINING, 13: A.BUILDING}


def test_a_successor_goes_on_with_the_pauses_of_what_crashes() -> None:
    it = World(PAGE)
    it.reconciler.wish(it.units, it.wishes())
    due = it.engine.now + 4
    left = replica(A.BACKOFF, number=7, crashes=3, retry_at=due, error="exited with code 1")
    it.reconciler.restore((left,))
    it.happen()
    assert it.states() == {7: A.BACKOFF}
    it.passes(4)
    assert it.states() == {7: A.BUILDING}
    assert it.replica(7).crashes == 3


def test_what_cannot_be_dealt_with_keeps_nothing_else_from_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = World(PAGE, SERVICE)
    prepare = it.engine.prepare

    def broken(each: Replica, of: Unit) -> None:
        if of.name == "hello":
            raise ZeroDivisionError
        prepare(each, of)

    monkeypatch.setattr(it.engine, "prepare", broken)
    it.reconciler.wish(it.units, it.wishes())
    assert not it.reconciler.reconcile()
    assert it.heard("prepare") == [2]

    async def work() -> None:
        working = asyncio.create_task(it.reconciler.run())
        it.reconciler.post(Prepared(1, None, "app.py"))  # type: ignore[arg-type]
        it.reconciler.post(Prepared(2, Path("/python"), "app.py"))
        async with asyncio.timeout(5):
            while it.states()[2] != A.STARTING:
                await asyncio.sleep(0)
        assert not working.done()
        working.cancel()

    asyncio.run(work())


def test_a_successor_starts_again_what_ended_meanwhile() -> None:
    it = World(PAGE)
    it.reconciler.wish(it.units, it.wishes())
    it.engine.gone = {"i7"}
    it.reconciler.restore((replica(number=7, instance=instance("i7")),))

    async def work() -> None:
        working = asyncio.create_task(it.reconciler.run())
        async with asyncio.timeout(5):
            while it.states() != {7: A.BUILDING}:
                await asyncio.sleep(0)
        working.cancel()

    asyncio.run(work())
    assert it.replica(7).error == "ended while no manager ran"


def test_a_successor_ends_what_is_configured_no_more() -> None:
    """Else a process of an app that was removed while no manager ran would run for ever."""
    it = World(PAGE)
    it.reconciler.wish(it.units, it.wishes())
    it.reconciler.restore((replica(number=3, unit="gone", port=8600),))
    it.happen()
    assert it.states() == {3: A.DRAINING, 4: A.BUILDING}
    assert it.heard("terminate") == [3]
    it.exited(3)
    assert it.states() == {4: A.BUILDING}
    assert 8600 in it.heard("release")


def test_each_round_is_published() -> None:
    it = world()
    before = it.published
    it.prepared(1)
    assert it.published == before + 1


def test_it_wakes_up_when_something_is_due() -> None:
    it = running()
    it.exited(1)
    it.up(1)
    it.exited(1)

    async def work() -> None:
        working = asyncio.create_task(it.reconciler.run())
        await asyncio.sleep(0)
        it.engine.now += 100
        it.reconciler.post(Exited(99, "nobody", ""))
        async with asyncio.timeout(5):
            while it.states() == {1: A.BACKOFF}:
                await asyncio.sleep(0)
        working.cancel()

    asyncio.run(work())
    assert it.states() == {1: A.BUILDING}


STAYING = unit(drain_timeout=600, memory_limit=1000)


def test_sessions_stay_on_the_one_that_was_replaced() -> None:
    it = running(STAYING)
    it.reported(1, sessions=2)
    it.restart("hello")
    it.up(2)
    assert it.states() == {1: A.DRAINING, 2: A.RUNNING}
    assert (it.heard("drain"), it.heard("terminate")) == ([1], [])
    it.passes(599)
    assert it.heard("terminate") == []
    it.passes(1)
    assert it.heard("terminate") == [1]
    assert it.states() == {1: A.DRAINING, 2: A.RUNNING}
    it.exited(1, "exited with code 0")
    assert it.states() == {2: A.RUNNING}


def test_one_that_drains_ends_when_the_app_is_stopped() -> None:
    it = running(STAYING)
    it.restart("hello")
    it.up(2)
    it.stop("hello")
    assert it.heard("terminate") == [1, 2]


def test_what_drains_is_told_again_by_the_next_manager() -> None:
    it = world(STAYING)
    left = replica(State.DRAINING, number=7, generation=0, drains_until=it.engine.now + 60)
    ending = replica(State.DRAINING, number=8, generation=0, deadline=it.engine.now + 5)
    it.engine.told.clear()
    it.reconciler.restore((left, ending))
    assert (it.heard("drain"), it.heard("terminate")) == ([7], [8])


def test_visitors_of_one_that_crashed_wait_for_its_successor() -> None:
    it = running()
    it.exited(1, "was ended by SIGKILL")
    (address,) = it.heard("hold")
    it.prepared(1)
    assert it.instance(1).id == address


def test_why_it_ended_stays_known() -> None:
    it = running()
    it.exited(1, "was ended by SIGKILL")
    it.up(1)
    assert it.reconciler.ends["hello"].reason == "was ended by SIGKILL"
    it.happen(Unhealthy(1, it.instance(1).id, "did not answer"))
    it.exited(1, "was ended by SIGKILL")
    assert it.reconciler.ends["hello"].reason == "did not answer"
    it.passes(1)
    it.up(1)
    it.restart("hello")
    it.up(2)
    it.exited(1, "exited with code 0")
    assert it.reconciler.ends["hello"].reason == "did not answer"


def test_one_with_too_much_memory_is_replaced_and_drains() -> None:
    it = running(STAYING)
    it.weighed(1, 1200)
    assert it.states() == {1: A.RUNNING}  # so soon, the next one would need as much
    it.passes(60)
    it.weighed(1, 1200)
    assert it.states() == {1: A.RUNNING, 2: A.BUILDING}
    it.up(2)
    assert it.states() == {1: A.DRAINING, 2: A.RUNNING}
    assert it.heard("drain") == [1]
    assert "memory" in it.reconciler.ends["hello"].reason
    it.passes(61)
    it.weighed(2, 1200)
    assert it.states() == {1: A.DRAINING, 2: A.RUNNING}, "beside it, a third would make it worse"
    it.exited(1, "exited with code 0")
    it.weighed(2, 1200)
    assert it.states() == {2: A.RUNNING, 3: A.BUILDING}


def test_one_with_far_too_much_memory_is_killed() -> None:
    it = running(STAYING)
    it.weighed(1, 1501)
    assert it.heard("kill") == [1]
    it.exited(1, "was ended by SIGKILL")
    assert it.reconciler.ends["hello"].reason == "used 0 MB of memory; its limit is 0 MB"


def test_a_retry_has_the_environment_of_the_first_try() -> None:
    it = running()
    assert it.replica(1).python == "/envs/x/bin/python"
    it.exited(1)
    assert it.replica(1).python == "/envs/x/bin/python"
