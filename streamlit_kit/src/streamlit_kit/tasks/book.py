"""The book of all tasks: decides which runs next, what is kept, and who finds what."""

from collections import Counter
from collections.abc import Hashable

from streamlit_kit.errors import TaskExists, TooManyTasks
from streamlit_kit.tasks.fair_queue import FairQueue
from streamlit_kit.tasks.shelf import Shelf
from streamlit_kit.tasks.status import Happening, TaskStatus
from streamlit_kit.tasks.task import Task


class TaskBook:
    """Knows tasks by owner and id. No threads and no clock: `now` is any time that only grows."""

    def __init__(
        self, *, max_running: int | None, max_queued: int, max_kept: int, ttl: float
    ) -> None:
        self._max_running = max_running
        self._max_queued = max_queued
        self._tasks: dict[Hashable, dict[str, Task]] = {}
        self._queue: FairQueue[Task] = FairQueue()
        self._shelf: Shelf[Task] = Shelf(max_kept, ttl)
        self._busy: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        return sum(map(len, self._tasks.values()))

    @property
    def waiting(self) -> int:
        """How many tasks wait for a worker."""
        return len(self._queue)

    def place(self, task: Task, now: float, *, replace: bool) -> None:
        """Enter a task that waits. What it replaces is cancelled, and cannot be found any more.

        Raises TaskExists or TooManyTasks, and changes nothing then.
        """
        old = self.find(task.owner, task.id, now)
        if old is not None and not old.status.is_finished and not replace:
            raise TaskExists(task.id)
        replaces_waiting = old is not None and old.status is TaskStatus.QUEUED
        if self._queue.count(task.owner) - replaces_waiting >= self._max_queued:
            raise TooManyTasks(self._max_queued)
        if old is not None:
            self.forget(old)  # first: what nobody finds is not kept once it has ended
            self.cancel(old, now)
        self._tasks.setdefault(task.owner, {})[task.id] = task
        self._queue.put(task.owner, task)

    def find(self, owner: Hashable, task_id: str, now: float) -> Task | None:
        """Return an owner's task."""
        self.sweep(now)
        return self._tasks.get(owner, {}).get(task_id)

    def of(self, owner: Hashable, now: float) -> list[Task]:
        """Return all tasks of an owner, the first submitted one first."""
        self.sweep(now)
        return list(self._tasks.get(owner, {}).values())

    def owners(self) -> list[Hashable]:
        """Return all who have tasks."""
        return list(self._tasks)

    def take(self, now: float) -> Task | None:
        """Return the task that runs next, which counts as running from now on."""
        self.sweep(now)
        task = self._queue.take(self._busy.__getitem__, self._max_running)
        if task is not None:
            self._busy[task.owner] += 1
            self._happen(task, Happening.START, now)
        return task

    def end(self, task: Task, happening: Happening, now: float) -> None:
        """Enter how a running task ended."""
        self._busy[task.owner] -= 1
        if not self._busy[task.owner]:
            del self._busy[task.owner]
        self._happen(task, happening, now)

    def cancel(self, task: Task, now: float) -> bool:
        """Cancel a task; return False if it has ended."""
        if task.status.is_finished:
            return False
        if task.status is TaskStatus.QUEUED:
            self._queue.remove(task.owner, task)
        self._happen(task, Happening.CANCEL, now)
        task.cancel.set()
        return True

    def forget(self, task: Task) -> None:
        """Let nobody find a task any more."""
        self._shelf.remove(task.owner, task)
        own = self._tasks[task.owner]
        del own[task.id]
        if not own:
            del self._tasks[task.owner]

    def sweep(self, now: float) -> None:
        """Forget ended tasks that have been kept for long enough."""
        for task in self._shelf.expired(now):
            self.forget(task)

    def next_expiry(self) -> float | None:
        """Return when there is something to be swept, None if there is nothing."""
        return self._shelf.next_expiry()

    def _happen(self, task: Task, happening: Happening, now: float) -> None:
        task.happen(happening)
        if task.status.is_finished and self._tasks.get(task.owner, {}).get(task.id) is task:
            for old in self._shelf.put(task.owner, task, now):
                self.forget(old)
