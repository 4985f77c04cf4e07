"""The book of tasks, by histories that hypothesis makes up: what holds after each step."""

from collections import Counter, defaultdict
from collections.abc import Hashable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from streamlit_kit.errors import TaskExists, TooManyTasks
from streamlit_kit.tasks.book import TaskBook
from streamlit_kit.tasks.status import Happening, TaskStatus
from streamlit_kit.tasks.task import Task

MAX_RUNNING, MAX_QUEUED, MAX_KEPT, TTL = 2, 3, 2, 10.0
OWNERS, IDS = st.sampled_from("abc"), st.sampled_from("12345")


class BookMachine(RuleBasedStateMachine):
    """A book that several owners use as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.book = TaskBook(
            max_running=MAX_RUNNING, max_queued=MAX_QUEUED, max_kept=MAX_KEPT, ttl=TTL
        )
        self.all: list[Task] = []
        self.running: list[Task] = []
        self.ended: dict[Task, float] = {}

    @rule(owner=OWNERS, task_id=IDS, replace=st.booleans())
    def place(self, owner: str, task_id: str, replace: bool) -> None:
        old = self.book.find(owner, task_id, self.now)
        task = Task(owner, task_id, lambda _: None)
        before = (len(self.book), self.book.waiting)
        try:
            self.book.place(task, self.now, replace=replace)
        except TaskExists:
            assert old
            assert not old.status.is_finished
            assert not replace
        except TooManyTasks:
            waiting = [each for each in self.of(owner) if each.status is TaskStatus.QUEUED]
            assert len(waiting) == MAX_QUEUED
        else:
            self.all.append(task)
            assert self.book.find(owner, task_id, self.now) is task
            assert old is None or old.cancel.is_set() or old.status.is_finished
            return
        assert (len(self.book), self.book.waiting) == before
        assert self.book.find(owner, task_id, self.now) is old

    @rule()
    def take(self) -> None:
        task = self.book.take(self.now)
        busy = Counter(each.owner for each in self.running)
        waiting = [each for each in self.all if each.status is TaskStatus.QUEUED]
        if task is None:
            assert all(busy[each.owner] == MAX_RUNNING for each in waiting)
            return
        assert task.status is TaskStatus.RUNNING
        assert all(busy[task.owner] <= busy[each.owner] for each in waiting)
        assert all(self.all.index(task) < self.all.index(each) for each in self.queued(task.owner))
        self.running.append(task)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), happening=st.sampled_from([Happening.RETURN, Happening.RAISE]))
    def end(self, data: st.DataObject, happening: Happening) -> None:
        task = data.draw(st.sampled_from(self.running))
        self.running.remove(task)
        self.book.end(task, happening, self.now)
        assert task.status.is_finished
        assert task.status is TaskStatus.CANCELLED or not task.cancel.is_set()

    @rule(owner=OWNERS, task_id=IDS)
    def cancel(self, owner: str, task_id: str) -> None:
        task = self.book.find(owner, task_id, self.now)
        if task is None:
            return
        before = task.status
        assert self.book.cancel(task, self.now) is not before.is_finished
        if before is TaskStatus.QUEUED:
            assert task.status is TaskStatus.CANCELLED
            assert task.ended.is_set()

    @rule(owner=OWNERS, task_id=IDS)
    def forget(self, owner: str, task_id: str) -> None:
        task = self.book.find(owner, task_id, self.now)
        if task is not None and task.status.is_finished:
            self.book.forget(task)
            assert self.book.find(owner, task_id, self.now) is None

    @rule(seconds=st.floats(0, 1.5 * TTL))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def every_task_waits_or_runs_or_has_ended(self) -> None:
        waiting = [each for each in self.all if each.status is TaskStatus.QUEUED]
        assert self.book.waiting == len(waiting)
        for each in self.all:
            assert each.ended.is_set() is each.status.is_finished
            assert (each.work is None) is each.status.is_finished
            assert each.status.is_finished or each in waiting or each in self.running
            if each.status.is_finished:
                self.ended.setdefault(each, self.now)

    @invariant()
    def bounds_are_kept(self) -> None:
        for owner in "abc":
            tasks = self.of(owner)
            kept = [each for each in tasks if each.status.is_finished]
            assert len(kept) <= MAX_KEPT
            assert all(self.now < self.ended.get(each, self.now) + TTL for each in kept)
            assert len(self.queued(owner)) <= MAX_QUEUED
        busy = Counter(each.owner for each in self.running)
        assert all(count <= MAX_RUNNING for count in busy.values())

    @invariant()
    def ids_belong_to_their_owners(self) -> None:
        seen: dict[str, set[str]] = defaultdict(set)
        for owner in "abc":
            for task in self.of(owner):
                assert task.owner == owner
                assert task.id not in seen[owner]
                seen[owner].add(task.id)

    def of(self, owner: Hashable) -> list[Task]:
        return self.book.of(owner, self.now)

    def queued(self, owner: Hashable) -> list[Task]:
        return [each for each in self.of(owner) if each.status is TaskStatus.QUEUED]


BookMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestBook = BookMachine.TestCase


def test_nothing_is_left_of_an_owner_whose_tasks_are_forgotten() -> None:
    book = TaskBook(max_running=None, max_queued=9, max_kept=9, ttl=TTL)
    task = Task("a", "1", lambda _: None)
    book.place(task, 0, replace=False)
    assert book.owners() == ["a"]
    book.cancel(task, 0)
    book.forget(task)
    assert (book.owners(), len(book), book.waiting, book.next_expiry()) == ([], 0, 0, None)


def test_a_full_queue_has_room_for_what_replaces_something_in_it() -> None:
    book = TaskBook(max_running=None, max_queued=1, max_kept=9, ttl=TTL)
    book.place(Task("a", "1", lambda _: None), 0, replace=False)
    with pytest.raises(TooManyTasks):
        book.place(Task("a", "2", lambda _: None), 0, replace=True)
    book.place(Task("a", "1", lambda _: None), 0, replace=True)
    assert book.waiting == 1
