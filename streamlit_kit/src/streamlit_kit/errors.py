"""What the kit refuses, and what to do instead."""


class KitError(Exception):
    """Something that the kit was asked for and cannot do; the message says why."""


class TaskExists(KitError):
    """A task of this id has not ended yet, and the manager was not told to replace it."""

    def __init__(self, task_id: str) -> None:
        super().__init__(
            f"the task {task_id!r} has not ended yet; cancel it first, give another id, "
            "or use a manager with replace=True"
        )


class TooManyTasks(KitError):
    """An owner has as many queued tasks as it may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} tasks are waiting already; submit more when some have begun")


class PoolClosed(KitError):
    """The pool was closed and takes no tasks any more."""

    def __init__(self) -> None:
        super().__init__("the pool is closed")


class NoSession(KitError):
    """What belongs to a session was used outside of a script run, so whose it is is not known."""

    def __init__(self) -> None:
        super().__init__(
            "there is no session here: this thread does not run an app's script; "
            "use AsyncTaskManager(shared=True), or hand values to the thread instead"
        )
