"""One task: what is to be done, and what has become of it so far."""

import time
from collections.abc import Callable, Hashable
from threading import Event
from typing import Any

from streamlit_kit.tasks.context import TaskContext
from streamlit_kit.tasks.result import TaskResult
from streamlit_kit.tasks.status import Happening, TaskStatus, after

Work = Callable[[TaskContext], Any]


class Task:
    """A pool's record of one submission. The pool's lock guards it; only the events do not need it.

    `cancel` is set when it is to stop, `ended` when it has.
    """

    def __init__(self, owner: Hashable, task_id: str, work: Work) -> None:
        self.owner = owner
        self.id = task_id
        self.work: Work | None = work
        self.status = TaskStatus.QUEUED
        self.cancel = Event()
        self.ended = Event()
        self.value: Any = None
        self.fraction: float | None = None
        self.text = ""
        self.error: str | None = None
        self.submitted = time.time()
        self.started: float | None = None
        self.finished: float | None = None

    def happen(self, happening: Happening) -> None:
        """Go on to the next status; what the task was to do is let go of with its end."""
        self.status = after(self.status, happening)
        if self.status is TaskStatus.RUNNING:
            self.started = time.time()
        elif self.status.is_finished:
            self.finished = time.time()
            self.work = None
            self.ended.set()

    def result(self) -> TaskResult:
        """Return it as it is now."""
        return TaskResult(
            self.id,
            self.status,
            self.value,
            self.fraction,
            self.text,
            self.error,
            self.submitted,
            self.started,
            self.finished,
        )
