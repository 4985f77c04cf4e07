"""Whatever happens in whatever order: what is wished comes to be, and a restart never empties."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from streamlit_controls.core.backoff import Backoff
from streamlit_controls.core.lifecycle import SETTLED, Event, State
from streamlit_controls.core.plan import (
    UP,
    Action,
    Create,
    Drain,
    Kill,
    Remove,
    Retry,
    Sleep,
    Stop,
    Wish,
    next_due,
    plan,
)
from streamlit_controls.core.replica import Replica
from tests.support.samples import instance

BACKOFF = Backoff()
START, STOP = 60.0, 10.0
IDLE, IDLE_TAB, DRAIN = 30.0, 60.0, 50.0
MOST_ROUNDS = 10


class Histories(RuleBasedStateMachine):
    """One unit, processes that do anything, and an operator who changes his mind."""

    overlap = True

    def __init__(self) -> None:
        super().__init__()
        self.wish = Wish(
            1,
            1,
            self.overlap,
            idle_timeout=IDLE,
            idle_tab_timeout=IDLE_TAB,
            drain_timeout=DRAIN if self.overlap else 0.0,
        )
        self.replicas: dict[int, Replica] = {}
        self.number = 0
        self.now = 0.0
        self.follow()

    # What the operator does

    @rule()
    def restart(self) -> None:
        before = self.running()
        self.wish = replace(self.wish, generation=self.wish.generation + 1)
        self.follow()
        if self.overlap:
            assert self.running() == before

    @rule(replicas=st.integers(0, 3))
    def scale(self, replicas: int) -> None:
        before = self.running()
        self.wish = replace(self.wish, replicas=replicas)
        self.follow()
        assert not (before and replicas) or self.running()

    @rule()
    def sleep(self) -> None:
        self.now += 1.0
        self.wish = replace(self.wish, sleep_before=self.now)
        self.follow()
        assert all(each.resting for each in self.of_now(State.RUNNING))

    # What visitors do

    @precondition(lambda self: self.numbers(State.RUNNING))
    @rule(data=st.data(), sessions=st.integers(0, 2), busy=st.booleans())
    def used(self, data: st.DataObject, sessions: int, busy: bool) -> None:
        each = self.pick(data, State.RUNNING)
        assert each.instance is not None
        used = replace(each.instance, sessions=sessions, busy=busy, used_at=self.now)
        self.set(replace(each.stays_awake() if each.resting else each, instance=used))

    @precondition(lambda self: self.numbers(State.SLEEPING))
    @rule(data=st.data())
    def woken(self, data: st.DataObject) -> None:
        each = self.pick(data, State.SLEEPING)
        assert each.address
        self.set(each.waking())

    @precondition(lambda self: self.numbers(State.RUNNING))
    @rule(data=st.data())
    def outgrows(self, data: st.DataObject) -> None:
        before = self.running()
        self.set(self.pick(data, State.RUNNING).outgrown("used 3 GB"))
        assert self.running() == before or not self.overlap

    # What processes do

    @precondition(lambda self: self.numbers(State.BUILDING))
    @rule(data=st.data(), good=st.booleans())
    def built(self, data: st.DataObject, good: bool) -> None:
        each = self.pick(data, State.BUILDING)
        self.set(self.launched(each) if good else each.refused("a broken requirements.txt"))

    @precondition(lambda self: self.numbers(State.STARTING))
    @rule(data=st.data(), good=st.booleans())
    def answered(self, data: st.DataObject, good: bool) -> None:
        before = self.running()
        each = self.pick(data, State.STARTING)
        self.set(each.ready(None) if good else each.refused("a syntax error"))
        assert not before or self.running()

    @precondition(lambda self: self.numbers(State.STARTING, State.RUNNING, State.DRAINING))
    @rule(data=st.data())
    def exited(self, data: st.DataObject) -> None:
        each = self.pick(data, State.STARTING, State.RUNNING, State.DRAINING)
        self.set(self.ended(each))

    @rule(seconds=st.sampled_from([0.1, 1.0, 35.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.follow()

    # What always holds

    @invariant()
    def nothing_is_left_to_do(self) -> None:
        assert self.planned() == []

    @invariant()
    def no_moment_is_missed(self) -> None:
        due = next_due({"hello": self.wish}, self.replicas.values())
        assert due is None or due > self.now

    @invariant()
    def only_one_where_there_may_be_only_one(self) -> None:
        alive = [each for each in self.replicas.values() if each.alive]
        assert self.overlap or len({each.generation for each in alive}) <= 1

    @invariant()
    def what_has_a_process_has_an_instance(self) -> None:
        assert all((each.instance is not None) == each.alive for each in self.replicas.values())

    def teardown(self) -> None:
        """From wherever it is: where all goes well from now on, what is wished comes to be."""
        for _ in range(200):
            waiting = [
                each for each in self.replicas.values() if each.state not in SETTLED or each.resting
            ]
            if not waiting:
                break
            self.go_well(waiting[0])
        current = [
            each
            for each in self.replicas.values()
            if each.generation == self.wish.generation and each.worn is None
        ]
        assert len(current) == self.wish.replicas
        assert {each.state for each in current} <= SETTLED
        older = [each for each in self.replicas.values() if each not in current]
        failed = any(each.state is State.FAILED for each in current)
        assert all(each.state in UP and failed for each in older)

    # How it works

    def go_well(self, each: Replica) -> None:
        match each.state:
            case State.BUILDING:
                self.set(self.launched(each))
            case State.STARTING:
                self.set(each.ready(None))
            case State.DRAINING | State.RUNNING:
                self.set(self.ended(each))
            case State.BACKOFF:
                assert each.retry_at is not None
                self.now = max(self.now, each.retry_at)
                self.follow()

    def follow(self) -> None:
        for _ in range(MOST_ROUNDS):
            actions = self.planned()
            for action in actions:
                self.carry_out(action)
            if not actions:
                return
        raise AssertionError("the plan never ends")

    def carry_out(self, action: Action) -> None:
        match action:
            case Create(unit, generation):
                self.number += 1
                new = Replica(self.number, unit, generation, 8501)
                self.replicas[self.number] = new.transition(Event.START)
            case Retry(number):
                self.replicas[number] = self.replicas[number].retrying()
            case Drain(number, until):
                self.replicas[number] = self.replicas[number].draining(until)
            case Stop(number):
                self.replicas[number] = self.replicas[number].stopping(self.now + STOP)
            case Sleep(number):
                self.replicas[number] = self.replicas[number].told_to_sleep(self.now + STOP)
            case Kill(number):
                self.replicas[number] = self.ended(replace(self.replicas[number], deadline=None))
            case Remove(number):
                assert self.replicas.pop(number).state is State.STOPPED

    def ended(self, each: Replica) -> Replica:
        if each.resting:
            return each.slept("abc234")
        return each.exited(
            "exited with code 1", self.now, BACKOFF, may_restart=True, successor="abc235"
        )

    def planned(self) -> list[Action]:
        return plan({"hello": self.wish}, self.replicas.values(), self.now)

    def launched(self, each: Replica) -> Replica:
        made = instance(f"i{each.number}", birth=self.now)
        return each.transition(Event.BUILT).launched(made, self.now + START)

    def set(self, each: Replica) -> None:
        self.replicas[each.number] = each
        self.follow()

    def pick(self, data: st.DataObject, *states: State) -> Replica:
        return self.replicas[data.draw(st.sampled_from(self.numbers(*states)))]

    def numbers(self, *states: State) -> list[int]:
        return [each.number for each in self.replicas.values() if each.state in states]

    def of_now(self, state: State) -> list[Replica]:
        return [
            each
            for each in self.replicas.values()
            if each.state is state and each.generation == self.wish.generation
        ]

    def running(self) -> int:
        """Return how many can be visited."""
        return len(self.numbers(State.RUNNING, State.SLEEPING))


class OneAtATime(Histories):
    """The same for what cannot run beside its successor."""

    overlap = False


HISTORIES = settings(max_examples=60, stateful_step_count=30, deadline=None)

TestSideBySide = Histories.TestCase
TestSideBySide.settings = HISTORIES
TestOneAtATime = OneAtATime.TestCase
TestOneAtATime.settings = HISTORIES
