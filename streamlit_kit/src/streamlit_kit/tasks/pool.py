"""The pool: threads that run tasks, and the verbs by which others submit and follow them."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Concatenate, ParamSpec, Self

from streamlit_kit.errors import PoolClosed
from streamlit_kit.tasks import failure
from streamlit_kit.tasks.book import TaskBook
from streamlit_kit.tasks.context import TaskContext
from streamlit_kit.tasks.handle import TaskHandle
from streamlit_kit.tasks.result import TaskResult
from streamlit_kit.tasks.status import Happening, TaskStatus
from streamlit_kit.tasks.task import Task, Work

P = ParamSpec("P")

_this_thread = threading.local()

_AT_REST = 3_600.0
"""Seconds after which a worker without work looks around, at the latest: no wait is for ever."""


class TaskPool:
    """Runs tasks of several owners in daemon threads; all its verbs may be used by any thread.

    An owner is whoever tasks belong to: a session, a user, anything hashable. Ids are each owner's
    own: nobody finds, reads or cancels a task by another owner.
    """

    def __init__(
        self,
        workers: int = 8,
        *,
        max_running: int | None = None,
        max_queued: int = 1_000,
        max_kept: int = 100,
        ttl: float = 3_600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Threads are started when there is work for them, `workers` at most.

        For each owner: `max_running` tasks run at once (None: as many as there are workers),
        `max_queued` wait, and `max_kept` ended ones are kept, for `ttl` seconds.
        """
        if workers < 1 or (max_running is not None and max_running < 1):
            raise ValueError("a pool without workers, or with none for an owner, does nothing")
        self._workers = workers
        self._clock = clock
        self._changed = threading.Condition()  # its lock guards all that follows, and all tasks
        self._book = TaskBook(
            max_running=max_running, max_queued=max_queued, max_kept=max_kept, ttl=ttl
        )
        self._threads = 0
        self._idle = 0
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(
        self,
        owner: Hashable,
        task_id: str,
        fn: Callable[Concatenate[TaskContext, P], Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> TaskHandle:
        """Have `fn(context, *args, **kwargs)` run by a worker.

        Raises TaskExists as long as the owner's task of that id has not ended, TooManyTasks,
        PoolClosed.
        """
        return self.place(owner, task_id, lambda context: fn(context, *args, **kwargs))

    def place(
        self, owner: Hashable, task_id: str, work: Work, *, replace: bool = False
    ) -> TaskHandle:
        """Have work done as `submit` does, or `replace` what has the id and has not ended.

        What is replaced is cancelled and cannot be found any more.
        """
        task = Task(owner, task_id, work)
        with self._changed:
            if self._closed:
                raise PoolClosed
            self._ensure_worker()
            self._book.place(task, self._clock(), replace=replace)
            self._changed.notify()
        return TaskHandle(self, task)

    def get_result(self, owner: Hashable, task_id: str) -> TaskResult | None:
        """Return how far a task is; None if there is none of that id, or none any more."""
        with self._changed:
            task = self._find(owner, task_id)
            return None if task is None else task.result()

    def results(self, owner: Hashable) -> tuple[TaskResult, ...]:
        """Return all tasks of an owner, the first submitted one first."""
        with self._changed:
            return tuple(task.result() for task in self._book.of(owner, self._clock()))

    def join(self, owner: Hashable, task_id: str, timeout: float) -> TaskResult | None:
        """Wait for a task's end, for so many seconds at most; return as `get_result` does."""
        with self._changed:
            task = self._find(owner, task_id)
        return None if task is None else self.join_task(task, timeout)

    def cancel(self, owner: Hashable, task_id: str) -> bool:
        """Cancel a task; return False if there is none of that id that has not ended.

        One that waits has ended with this. One that runs has been told, and decides when.
        """
        with self._changed:
            task = self._find(owner, task_id)
            return task is not None and self._book.cancel(task, self._clock())

    def cancel_all(self, owner: Hashable) -> int:
        """Cancel all tasks of an owner; return how many had not ended."""
        with self._changed:
            now = self._clock()
            return sum([self._book.cancel(task, now) for task in self._book.of(owner, now)])

    def forget(self, owner: Hashable, task_id: str) -> bool:
        """Keep nothing of an ended task; return False if there is no ended one of that id."""
        with self._changed:
            task = self._find(owner, task_id)
            if task is None or not task.status.is_finished:
                return False
            self._book.forget(task)
            return True

    def drop(self, owner: Hashable) -> None:
        """Cancel all tasks of an owner and keep nothing of them."""
        with self._changed:
            now = self._clock()
            tasks = self._book.of(owner, now)
            for task in tasks:
                self._book.cancel(task, now)
            for task in self._book.of(owner, now):
                self._book.forget(task)
        del tasks  # only now: the end of a value may do anything, and nobody is to wait for it

    def close(self) -> None:
        """Cancel everything and take nothing more; the threads end with what they are at."""
        with self._changed:
            self._closed = True
            for owner in self._book.owners():
                self.cancel_all(owner)
            self._changed.notify_all()

    def result_of(self, task: Task) -> TaskResult:
        """Return how far this very submission is."""
        with self._changed:
            return task.result()

    def cancel_task(self, task: Task) -> bool:
        """Cancel this very submission; return False if it has ended."""
        with self._changed:
            return self._book.cancel(task, self._clock())

    def join_task(self, task: Task, timeout: float) -> TaskResult:
        """Wait for this very submission's end, for so many seconds at most.

        A task that waits for itself would wait in vain, and does not.
        """
        if getattr(_this_thread, "task", None) is not task:
            task.ended.wait(min(timeout, threading.TIMEOUT_MAX))
        return self.result_of(task)

    def _find(self, owner: Hashable, task_id: str) -> Task | None:
        return self._book.find(owner, task_id, self._clock())

    def _ensure_worker(self) -> None:
        """Start one more thread if there is no idle one for one more task."""
        if self._book.waiting < self._idle or self._threads >= self._workers:
            return
        name = f"streamlit-kit-{self._threads + 1}"
        try:
            threading.Thread(target=self._serve, name=name, daemon=True).start()
        except RuntimeError:  # the system allows no more threads: those that are there will do
            if not self._threads:
                raise
            return
        self._threads += 1

    def _serve(self) -> None:
        try:
            while (task := self._next()) is not None:
                _this_thread.task = task
                self._run(task)
                # What a task held must not live on until this thread gets another one.
                del task, _this_thread.task
        finally:
            with self._changed:
                self._threads -= 1

    def _next(self) -> Task | None:
        """Wait for a task to run; None when the pool is closed."""
        with self._changed:
            while not self._closed:
                task = self._book.take(self._clock())
                if task is not None:
                    return task
                expiry = self._book.next_expiry()
                # Who has nothing to do also clears away what was kept for long enough.
                left = _AT_REST if expiry is None else expiry - self._clock()
                self._idle += 1
                self._changed.wait(min(max(left, 0.001), _AT_REST))
                self._idle -= 1
            return None

    def _run(self, task: Task) -> None:
        work = task.work
        assert work is not None  # only ended tasks have none
        try:
            value = work(self._context(task))
        except BaseException as raised:  # noqa: BLE001  (the outermost boundary of a thread)
            if not task.cancel.is_set():
                failure.log(f"the task {task.id!r}", raised)
            self._end(task, Happening.RAISE, error=failure.described(raised))
        else:
            self._end(task, Happening.RETURN, value=value)

    def _end(
        self, task: Task, happening: Happening, value: Any = None, error: str | None = None
    ) -> None:
        with self._changed:
            self._book.end(task, happening, self._clock())
            old = task.value  # which goes only when nobody has to wait for that
            if happening is Happening.RETURN:
                task.value = value
            if task.status is TaskStatus.FAILED:
                task.error = error
            if task.status is TaskStatus.DONE and task.fraction is not None:
                task.fraction = 1.0
        del old

    def _context(self, task: Task) -> TaskContext:
        def publish(value: Any) -> None:
            with self._changed:
                old = task.value
                if not task.status.is_finished:
                    task.value = value
            del old

        def progress(fraction: float, text: str) -> None:
            with self._changed:
                if not task.status.is_finished:
                    task.fraction, task.text = fraction, text

        return TaskContext(task.cancel, publish, progress)
