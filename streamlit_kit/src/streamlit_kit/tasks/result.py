"""What is known of a task at one moment."""

from dataclasses import dataclass
from typing import Any

from streamlit_kit.tasks.status import TaskStatus


@dataclass(frozen=True, slots=True)
class TaskResult:
    """A task as it was when it was asked for; times are seconds since the epoch.

    `value` is the latest that the task published and, once it is done, what it returned.
    `fraction` goes from 0 to 1, None if the task did not tell. `error` says why it failed.
    """

    task_id: str
    status: TaskStatus
    value: Any
    fraction: float | None
    text: str
    error: str | None
    submitted: float
    started: float | None
    finished: float | None

    @property
    def is_finished(self) -> bool:
        """Whether it is done, failed or cancelled."""
        return self.status.is_finished
