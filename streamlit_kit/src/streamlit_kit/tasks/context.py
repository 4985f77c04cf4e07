"""What a running task is given to tell how far it is, and to hear that it is to stop."""

from collections.abc import Callable
from threading import TIMEOUT_MAX, Event
from typing import Any


class TaskCancelled(Exception):
    """Raised by `TaskContext.stop_if_cancelled`; a task that ends with it is cancelled."""


class TaskContext:
    """The first argument of every task. Cancelling is co-operative: a task has to look."""

    def __init__(
        self,
        cancel: Event,
        publish: Callable[[Any], None],
        progress: Callable[[float, str], None],
    ) -> None:
        self._cancel = cancel
        self._publish = publish
        self._progress = progress

    def publish(self, value: Any) -> None:
        """Let others see an intermediate value. They get this very object: do not change it."""
        self._publish(value)

    def progress(self, fraction: float, text: str = "") -> None:
        """Tell how much is done, from 0 to 1 (what is beyond is cut off), and what goes on."""
        # Not a number is less than nothing.
        self._progress(min(float(fraction), 1.0) if fraction > 0 else 0.0, text)

    @property
    def cancelled(self) -> bool:
        """Whether the task is to stop."""
        return self._cancel.is_set()

    def wait(self, seconds: float) -> bool:
        """Pause, but no longer than until the task is to stop; return whether it is."""
        return self._cancel.wait(min(seconds, TIMEOUT_MAX))

    def stop_if_cancelled(self) -> None:
        """Raise TaskCancelled if the task is to stop."""
        if self.cancelled:
            raise TaskCancelled
