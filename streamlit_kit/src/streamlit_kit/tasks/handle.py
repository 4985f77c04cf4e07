"""A submitted task in the hands of whoever submitted it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit_kit.tasks.result import TaskResult
from streamlit_kit.tasks.task import Task

if TYPE_CHECKING:
    from streamlit_kit.tasks.pool import TaskPool


class TaskHandle:
    """Stands for this very submission, also after its id was forgotten or used again."""

    def __init__(self, pool: TaskPool, task: Task) -> None:
        self._pool = pool
        self._task = task

    @property
    def task_id(self) -> str:
        """The id it was submitted with."""
        return self._task.id

    def get_result(self) -> TaskResult:
        """Return how far it is."""
        return self._pool.result_of(self._task)

    def cancel(self) -> bool:
        """Cancel it; return False if it had ended already."""
        return self._pool.cancel_task(self._task)

    def join(self, timeout: float) -> TaskResult:
        """Wait for its end, for so many seconds at most; return how far it is then."""
        return self._pool.join_task(self._task, timeout)
