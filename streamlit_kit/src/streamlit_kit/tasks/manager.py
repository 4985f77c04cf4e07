"""What apps use to run tasks in the background, each session its own."""

import functools
import threading
from collections.abc import Callable, Hashable
from typing import Any, Concatenate, ParamSpec

from streamlit_kit.sessions.browser_tab import browser_tab
from streamlit_kit.sessions.current import current_session, monitor, owner_of_tasks
from streamlit_kit.sessions.times import checked
from streamlit_kit.tasks.context import TaskContext
from streamlit_kit.tasks.handle import TaskHandle
from streamlit_kit.tasks.pool import TaskPool
from streamlit_kit.tasks.result import TaskResult

P = ParamSpec("P")

_EVERYBODY = "everybody"
_lock = threading.Lock()


def app_pool() -> TaskPool:
    """Return the one pool of this process.

    Not in Streamlit's cache, which everybody may clear: that would be the end of all tasks.
    """
    with _lock:
        return _app_pool()


@functools.cache
def _app_pool() -> TaskPool:
    return TaskPool()


class AsyncTaskManager:
    """Runs tasks of the session whose script makes it, or `shared` ones of the whole app.

    Make one in each script run, outside of fragments, which may use it. Tasks of a session that
    is over are cancelled. Task ids are the session's own: no other one finds them.
    """

    def __init__(
        self,
        *,
        shared: bool = False,
        replace: bool = False,
        pool: TaskPool | None = None,
        grace: float | None = None,
    ) -> None:
        """`replace` has a submission replace a task of the same id that has not ended.

        `pool` is one with other bounds than the app's own. `grace`: see SessionCallbackManager.
        Raises NoSession outside of a script run, unless the tasks are shared.
        """
        self._shared = shared
        self._replace = replace
        self._pool = pool or app_pool()
        if not shared:
            session = current_session()
            if grace is not None:
                monitor().give_grace(session, checked("grace", grace))
            browser_tab()

    def submit(
        self,
        task_id: str,
        fn: Callable[Concatenate[TaskContext, P], Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> TaskHandle:
        """Have `fn(context, *args, **kwargs)` run in the background.

        Raises TaskExists as long as a task of that id has not ended (unless it is to be
        replaced), and TooManyTasks if too many wait.
        """
        owner: Hashable = _EVERYBODY
        if not self._shared:
            owner = session = current_session()
            monitor().when_over(session, self._pool.drop)
        return self._pool.place(
            owner, task_id, lambda context: fn(context, *args, **kwargs), replace=self._replace
        )

    def get_result(self, task_id: str) -> TaskResult | None:
        """Return how far a task is; None if there is none of that id, or none any more."""
        return self._pool.get_result(self._owner(), task_id)

    def results(self) -> tuple[TaskResult, ...]:
        """Return all tasks, the first submitted one first."""
        return self._pool.results(self._owner())

    def cancel(self, task_id: str) -> bool:
        """Cancel a task; return False if there is none of that id that has not ended."""
        return self._pool.cancel(self._owner(), task_id)

    def cancel_all(self) -> int:
        """Cancel all tasks; return how many had not ended."""
        return self._pool.cancel_all(self._owner())

    def join(self, task_id: str, timeout: float) -> TaskResult | None:
        """Wait for a task's end, for so many seconds at most; return as `get_result` does."""
        return self._pool.join(self._owner(), task_id, timeout)

    def forget(self, task_id: str) -> bool:
        """Keep nothing of an ended task; return False if there is no ended one of that id."""
        return self._pool.forget(self._owner(), task_id)

    def _owner(self) -> Hashable:
        """Return whom tasks belong to: asked each time, as a manager may outlive its script run."""
        return _EVERYBODY if self._shared else owner_of_tasks()
