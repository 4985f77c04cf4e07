"""The states of a task, and the one table of how they follow each other."""

from enum import StrEnum
from types import MappingProxyType


class TaskStatus(StrEnum):
    """How far a task is."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_finished(self) -> bool:
        """Whether nothing will change it any more."""
        return self in _FINISHED


class Happening(StrEnum):
    """What can happen to a task."""

    START = "start"
    RETURN = "return"
    RAISE = "raise"
    CANCEL = "cancel"


_FINISHED = frozenset({TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.CANCELLED})

TABLE = MappingProxyType(
    {
        (TaskStatus.QUEUED, Happening.START): TaskStatus.RUNNING,
        (TaskStatus.QUEUED, Happening.CANCEL): TaskStatus.CANCELLED,
        (TaskStatus.RUNNING, Happening.RETURN): TaskStatus.DONE,
        (TaskStatus.RUNNING, Happening.RAISE): TaskStatus.FAILED,
        (TaskStatus.RUNNING, Happening.CANCEL): TaskStatus.CANCELLING,
        # Whether it noticed in time makes no difference: it was told to stop, and has stopped.
        (TaskStatus.CANCELLING, Happening.RETURN): TaskStatus.CANCELLED,
        (TaskStatus.CANCELLING, Happening.RAISE): TaskStatus.CANCELLED,
        (TaskStatus.CANCELLING, Happening.CANCEL): TaskStatus.CANCELLING,
    }
)


def after(status: TaskStatus, happening: Happening) -> TaskStatus:
    """Return the status that follows; LookupError for what cannot happen in this one."""
    try:
        return TABLE[status, happening]
    except KeyError:
        raise LookupError(f"a task that is {status} cannot {happening}") from None
