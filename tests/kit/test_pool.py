"""What the pool guarantees, with real threads; each wait ends by an event."""

import logging
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from streamlit_kit import (
    PoolClosed,
    TaskContext,
    TaskExists,
    TaskPool,
    TaskResult,
    TaskStatus,
    TooManyTasks,
)
from tests.support.waiting import until

LONG = 30.0
"""Seconds that nothing here takes."""


@pytest.fixture
def pool() -> Iterator[TaskPool]:
    """One worker, so that what is submitted second has to wait."""
    with TaskPool(1) as pool:
        yield pool


class Gate:
    """Work that has begun, and goes on when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self, _context: TaskContext) -> str:
        self.begun.set()
        assert self.open.wait(LONG)
        return "through"


def patient(context: TaskContext) -> None:
    """Run until it is cancelled."""
    assert context.wait(LONG)


def busy(pool: TaskPool, owner: str = "a", task_id: str = "gate") -> Gate:
    """Occupy a worker."""
    gate = Gate()
    pool.submit(owner, task_id, gate)
    assert gate.begun.wait(LONG)
    return gate


def joined(pool: TaskPool, task_id: str, owner: str = "a") -> TaskResult:
    result = pool.join(owner, task_id, LONG)
    assert result is not None
    return result


def test_a_task_gets_its_arguments_and_gives_its_value(pool: TaskPool) -> None:
    def add(_context: TaskContext, x: int, *, y: int) -> int:
        return x + y

    handle = pool.submit("a", "sum", add, 1, y=2)
    result = handle.join(LONG)
    assert (result.status, result.value, result.error) == (TaskStatus.DONE, 3, None)
    assert result.started is not None
    assert result.finished is not None
    assert result.submitted <= result.started <= result.finished
    assert pool.get_result("a", "sum") == result
    assert handle.task_id == "sum"
    assert not handle.cancel()


def test_intermediate_values_and_progress_are_seen_while_it_runs(pool: TaskPool) -> None:
    told, on = threading.Event(), threading.Event()

    def work(context: TaskContext) -> str:
        context.publish("half")
        context.progress(0.5, "half of it")
        told.set()
        assert on.wait(LONG)
        return "whole"

    handle = pool.submit("a", "x", work)
    assert told.wait(LONG)
    result = handle.get_result()
    assert (result.status, result.value) == (TaskStatus.RUNNING, "half")
    assert (result.fraction, result.text) == (0.5, "half of it")
    on.set()
    result = handle.join(LONG)
    assert (result.value, result.fraction) == ("whole", 1.0)


@pytest.mark.parametrize(
    ("told", "kept"), [(-1, 0.0), (2, 1.0), (float("nan"), 0.0), (float("inf"), 1.0), (True, 1.0)]
)
def test_progress_is_always_a_fraction(pool: TaskPool, told: float, kept: float) -> None:
    def work(context: TaskContext) -> None:
        context.progress(told)
        raise ValueError

    pool.submit("a", "x", work)
    assert joined(pool, "x").fraction == kept


def test_cancelling_a_queued_task_ends_it_at_once(pool: TaskPool) -> None:
    gate = busy(pool)
    ran: list[int] = []
    handle = pool.submit("a", "waits", lambda _: ran.append(1))
    assert handle.get_result().status is TaskStatus.QUEUED
    assert pool.cancel("a", "waits")
    assert handle.get_result().status is TaskStatus.CANCELLED
    assert handle.join(LONG).started is None
    gate.open.set()
    pool.submit("a", "next", lambda _: None).join(LONG)
    assert ran == []


def test_cancelling_a_running_task_is_co_operative(pool: TaskPool) -> None:
    begun, on = threading.Event(), threading.Event()

    def work(context: TaskContext) -> None:
        begun.set()
        assert on.wait(LONG)
        context.stop_if_cancelled()

    handle = pool.submit("a", "x", work)
    assert begun.wait(LONG)
    assert pool.cancel("a", "x")
    assert pool.cancel("a", "x")
    assert handle.get_result().status is TaskStatus.CANCELLING
    on.set()
    result = handle.join(LONG)
    assert (result.status, result.error) == (TaskStatus.CANCELLED, None)
    assert not pool.cancel("a", "x")
    assert not pool.cancel("a", "unknown")


def test_a_pause_ends_with_being_cancelled(pool: TaskPool) -> None:
    handle = pool.submit("a", "x", patient)
    until(lambda: handle.get_result().started, "the task began")
    handle.cancel()
    assert handle.join(LONG).status is TaskStatus.CANCELLED


def test_all_of_one_owner_are_cancelled_and_none_of_another(pool: TaskPool) -> None:
    gate = busy(pool, "b")
    for owner, task_id in [("a", "1"), ("a", "2"), ("b", "1")]:
        pool.submit(owner, task_id, lambda _: None)
    assert pool.cancel_all("a") == 2
    assert pool.cancel_all("a") == 0
    gate.open.set()
    assert joined(pool, "1", "b").status is TaskStatus.DONE
    assert [each.status for each in pool.results("a")] == [TaskStatus.CANCELLED] * 2


class TestJoinAlwaysReturns:
    """Whatever becomes of the task."""

    def test_when_time_is_up(self, pool: TaskPool) -> None:
        gate = busy(pool)
        result = pool.join("a", "gate", 0.01)
        assert result
        assert result.status is TaskStatus.RUNNING
        assert pool.join("a", "gate", -1) is not None
        gate.open.set()
        assert pool.join("a", "gate", float("inf"))

    def test_when_there_is_no_such_task(self, pool: TaskPool) -> None:
        assert pool.join("a", "unknown", LONG) is None

    @pytest.mark.parametrize("verb", ["cancel", "drop", "close", "replace"])
    def test_when_it_goes_meanwhile(self, pool: TaskPool, verb: str) -> None:
        gate = busy(pool)
        handle = pool.submit("a", "waits", lambda _: None)
        results: list[TaskResult] = []
        waiter = threading.Thread(target=lambda: results.append(handle.join(LONG)), daemon=True)
        waiter.start()
        match verb:
            case "cancel":
                pool.cancel("a", "waits")
            case "drop":
                pool.drop("a")
            case "close":
                pool.close()
            case "replace":
                pool.place("a", "waits", lambda _: None, replace=True)
        waiter.join(LONG)
        assert [each.status for each in results] == [TaskStatus.CANCELLED]
        gate.open.set()

    def test_in_the_task_itself(self, pool: TaskPool) -> None:
        def work(_context: TaskContext) -> object:
            result = pool.join("a", "x", LONG)
            return result and result.status

        assert pool.submit("a", "x", work).join(LONG).value is TaskStatus.RUNNING


class Unspeakable(Exception):
    """An exception that cannot even be shown."""

    def __str__(self) -> str:
        raise ValueError("its text")


@pytest.mark.parametrize(
    "error",
    [
        *(ValueError("no"), SystemExit(3), KeyboardInterrupt(), GeneratorExit(), MemoryError()),
        Unspeakable(),
        type("", (Exception,), {})(),
    ],
)
def test_an_exception_never_kills_a_worker(
    pool: TaskPool, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(context: TaskContext) -> None:
        context.publish(threading.current_thread())
        raise error

    result = pool.submit("a", "bad", fail).join(LONG)
    assert result.status is TaskStatus.FAILED
    name = type(error).__name__
    assert result.error in {name, f"{name}: no", f"{name}: 3"}
    assert "the task 'bad' failed" in caplog.text
    after = pool.submit("a", "good", lambda _: threading.current_thread()).join(LONG)
    assert after.value is result.value


def test_a_log_that_fails_ends_no_worker(pool: TaskPool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(logging.Logger, "warning", full)
    result = pool.submit("a", "bad", lambda _: 1 / 0).join(LONG)
    assert result.error == "ZeroDivisionError: division by zero"
    assert pool.submit("a", "good", lambda _: 1).join(LONG).value == 1


def test_what_is_raised_after_being_cancelled_is_no_failure(
    pool: TaskPool, caplog: pytest.LogCaptureFixture
) -> None:
    def work(context: TaskContext) -> None:
        patient(context)
        raise ValueError

    handle = pool.submit("a", "x", work)
    until(lambda: handle.get_result().started, "the task began")
    handle.cancel()
    assert handle.join(LONG).status is TaskStatus.CANCELLED
    assert caplog.text == ""


def test_a_process_can_exit_while_tasks_run() -> None:
    script = (
        "import threading\n"
        "from streamlit_kit.tasks.pool import TaskPool\n"
        "begun = threading.Event()\n"
        "def work(_):\n"
        "    begun.set()\n"
        "    threading.Event().wait()\n"
        "TaskPool().submit('a', 'endless', work)\n"
        "assert begun.wait(20)\n"
        "print('leaving')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=LONG,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout == "leaving\n"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_results_expire() -> None:
    clock = Clock()
    with TaskPool(1, ttl=60, clock=clock) as pool:
        handle = pool.submit("a", "x", lambda _: 1)
        handle.join(LONG)
        clock.now = 59.9
        assert joined(pool, "x").value == 1
        clock.now = 60
        assert pool.get_result("a", "x") is None
        assert pool.results("a") == ()
        assert handle.get_result().value == 1


def test_results_expire_also_when_nobody_asks() -> None:
    class Large:
        pass

    kept: list[weakref.ref[Large]] = []

    def work(_context: TaskContext) -> Large:
        large = Large()
        kept.append(weakref.ref(large))
        return large

    with TaskPool(1, ttl=0.05) as pool:
        pool.submit("a", "x", work)
        until(lambda: kept and kept[0]() is None, "the result's memory is free again")


def test_results_are_bounded_in_number() -> None:
    with TaskPool(2, max_kept=10) as pool:
        for number in range(50):
            pool.submit("a", str(number), lambda _: None).join(LONG)
        pool.submit("b", "1", lambda _: None).join(LONG)
        assert [each.task_id for each in pool.results("a")] == [str(n) for n in range(40, 50)]
        assert len(pool.results("b")) == 1


def test_what_waits_is_bounded_for_each_owner() -> None:
    with TaskPool(1, max_queued=2) as pool:
        gate = busy(pool)
        pool.submit("a", "1", lambda _: None)
        pool.submit("a", "2", lambda _: None)
        with pytest.raises(TooManyTasks):
            pool.submit("a", "3", lambda _: None)
        assert pool.get_result("a", "3") is None
        pool.submit("b", "1", lambda _: None)
        gate.open.set()
        assert joined(pool, "2").status is TaskStatus.DONE


def test_a_thousand_tasks_delay_nobody_elses_first_one() -> None:
    began: list[str] = []
    turns = threading.Semaphore(0)

    def work(_context: TaskContext, name: str) -> None:
        began.append(name)
        assert turns.acquire(timeout=LONG)

    with TaskPool(2) as pool:
        for number in range(1_000):
            pool.submit("a", str(number), work, f"a{number}")
        until(lambda: len(began) == 2, "two tasks run")
        pool.submit("b", "first", work, "b")
        turns.release()
        until(lambda: len(began) == 3, "a third one runs")
        assert began[2] == "b"
        pool.cancel_all("a")
        turns.release(3)
        assert joined(pool, "first", "b").status is TaskStatus.DONE


def test_workers_are_as_many_as_are_needed_and_no_more() -> None:
    before = set(threading.enumerate())

    def workers() -> set[threading.Thread]:
        return set(threading.enumerate()) - before

    with TaskPool(3) as pool:
        for number in range(10):
            pool.submit("a", str(number), lambda _: None).join(LONG)
            until(lambda: pool._idle == 1, "the only worker is at rest")
            assert len(workers()) == 1
        gates = [busy(pool, task_id=f"gate {number}") for number in range(3)]
        pool.submit("a", "waits", lambda _: None)
        assert len(workers()) == 3
        for gate in gates:
            gate.open.set()
        assert joined(pool, "waits").status is TaskStatus.DONE
    until(lambda: not workers(), "the threads of a closed pool end")


@pytest.mark.parametrize("ttl", [float("inf"), 1e10])
def test_results_may_be_kept_for_ever(ttl: float) -> None:
    with TaskPool(1, ttl=ttl) as pool:
        for number in range(3):
            pool.submit("a", str(number), lambda _: None).join(LONG)
            until(lambda: pool._idle == 1, "the worker is at rest")
        assert len(pool.results("a")) == 3


def test_a_pause_may_be_for_ever(pool: TaskPool) -> None:
    handle = pool.submit("a", "x", lambda context: context.wait(float("inf")))
    until(lambda: handle.get_result().started, "the task began")
    handle.cancel()
    result = handle.join(LONG)
    assert (result.status, result.value) == (TaskStatus.CANCELLED, True)


@pytest.mark.parametrize(("workers", "max_running"), [(0, None), (1, 0), (-1, 1)])
def test_a_pool_that_could_do_nothing_is_none(workers: int, max_running: int | None) -> None:
    with pytest.raises(ValueError, match="does nothing"):
        TaskPool(workers, max_running=max_running)


def test_what_waits_can_be_replaced_where_nothing_is_kept() -> None:
    with TaskPool(1, max_kept=0) as pool:
        gate = busy(pool)
        first = pool.place("a", "x", lambda _: 1, replace=True)
        second = pool.place("a", "x", lambda _: 2, replace=True)
        gate.open.set()
        assert second.join(LONG).value == 2
        assert first.get_result().status is TaskStatus.CANCELLED
        assert pool.results("a") == ()


def test_what_is_told_after_the_end_is_not_heard(pool: TaskPool) -> None:
    contexts: list[TaskContext] = []

    def work(context: TaskContext) -> str:
        contexts.append(context)
        return "the end"

    before = pool.submit("a", "x", work).join(LONG)
    contexts[0].publish("late")
    contexts[0].progress(0.1, "late")
    assert pool.get_result("a", "x") == before


@pytest.mark.parametrize("verb", ["publish", "return", "forget", "drop"])
def test_nobody_waits_while_a_value_is_taken_apart(pool: TaskPool, verb: str) -> None:
    """Whatever its end does: here, to wait for somebody who asks the pool for something."""
    asked: list[bool] = []

    class Intricate:
        def __del__(self) -> None:
            asking = threading.Thread(target=pool.results, args=("b",), daemon=True)
            asking.start()
            asking.join(5)
            asked.append(not asking.is_alive())

    def work(context: TaskContext) -> Intricate | None:
        context.publish(Intricate())
        if verb == "publish":
            context.publish(None)
        return Intricate() if verb in {"forget", "drop"} else None

    pool.submit("a", "x", work).join(LONG)
    if verb == "forget":
        pool.forget("a", "x")
    if verb == "drop":
        pool.drop("a")
    until(lambda: len(asked) == 1 + (verb in {"forget", "drop"}), "the values are gone")
    assert all(asked)


def test_one_owner_may_be_kept_to_one_task_at_a_time() -> None:
    with TaskPool(2, max_running=1) as pool:
        gate = busy(pool)
        waits = pool.submit("a", "waits", lambda _: None)
        pool.submit("b", "1", lambda _: None).join(LONG)
        assert waits.get_result().status is TaskStatus.QUEUED
        gate.open.set()
        assert waits.join(LONG).status is TaskStatus.DONE


class TestTheSameIdAgain:
    """It replaces or refuses, and never deadlocks."""

    @pytest.mark.parametrize("running", [True, False])
    def test_is_refused_before_the_first_has_ended(self, pool: TaskPool, running: bool) -> None:
        gate = busy(pool, task_id="x" if running else "other")
        if not running:
            pool.submit("a", "x", lambda _: None)
        with pytest.raises(TaskExists, match="'x' has not ended"):
            pool.submit("a", "x", lambda _: None)
        gate.open.set()
        assert joined(pool, "x").status is TaskStatus.DONE

    def test_is_welcome_afterwards(self, pool: TaskPool) -> None:
        first = pool.submit("a", "x", lambda _: 1)
        first.join(LONG)
        pool.submit("a", "x", lambda _: 2)
        assert joined(pool, "x").value == 2
        assert len(pool.results("a")) == 1
        assert first.get_result().value == 1

    def test_can_replace_what_runs(self, pool: TaskPool) -> None:
        first = pool.submit("a", "x", patient)
        until(lambda: first.get_result().started, "the first began")
        pool.place("a", "x", lambda _: "second", replace=True)
        assert joined(pool, "x").value == "second"
        assert first.join(LONG).status is TaskStatus.CANCELLED

    def test_in_the_task_itself(self, pool: TaskPool) -> None:
        def again(_context: TaskContext) -> None:
            pool.submit("a", "x", again)

        result = pool.submit("a", "x", again).join(LONG)
        assert (result.error or "").startswith("TaskExists")

        def replaced(_context: TaskContext) -> None:
            pool.place("a", "x", lambda _: "second", replace=True)

        pool.submit("a", "x", replaced)
        until(
            lambda: (found := pool.get_result("a", "x")) and found.value == "second",
            "the second one ran",
        )


def test_ids_belong_to_their_owner(pool: TaskPool) -> None:
    gate = busy(pool, "a", "x")
    assert pool.get_result("b", "x") is None
    assert pool.results("b") == ()
    assert not pool.cancel("b", "x")
    assert not pool.forget("b", "x")
    pool.submit("b", "x", lambda _: "b's own")
    gate.open.set()
    assert joined(pool, "x", "a").value == "through"
    assert joined(pool, "x", "b").value == "b's own"


def test_only_what_has_ended_can_be_forgotten(pool: TaskPool) -> None:
    gate = busy(pool)
    assert not pool.forget("a", "gate")
    gate.open.set()
    joined(pool, "gate")
    assert pool.forget("a", "gate")
    assert not pool.forget("a", "gate")
    assert pool.results("a") == ()


def test_nothing_is_kept_of_who_is_dropped(pool: TaskPool) -> None:
    pool.submit("a", "done", lambda _: None).join(LONG)
    running = pool.submit("a", "runs", patient)
    waiting = pool.submit("a", "waits", lambda _: None)
    until(lambda: running.get_result().started, "the task began")
    pool.drop("a")
    assert pool.results("a") == ()
    assert waiting.get_result().status is TaskStatus.CANCELLED
    assert running.join(LONG).status is TaskStatus.CANCELLED


def test_a_worker_at_rest_holds_on_to_nothing(pool: TaskPool) -> None:
    class Large:
        pass

    large = Large()
    held = weakref.ref(large)

    def work(_context: TaskContext, _given: Any) -> None:
        pass

    handle = pool.submit("a", "x", work, large)
    handle.join(LONG)
    del large
    until(lambda: held() is None, "the argument's memory is free again")


def test_a_closed_pool_takes_nothing_and_cancels_what_it_has() -> None:
    pool = TaskPool(1)
    running = pool.submit("a", "runs", patient)
    until(lambda: running.get_result().started, "the task began")
    pool.close()
    assert running.join(LONG).status is TaskStatus.CANCELLED
    with pytest.raises(PoolClosed):
        pool.submit("a", "x", lambda _: None)
