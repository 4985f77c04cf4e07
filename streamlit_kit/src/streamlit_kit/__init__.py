"""Background tasks and session events for Streamlit apps.

What needs no Streamlit can be had without importing it: a pool of tasks serves other programs too.
"""

import importlib
from typing import TYPE_CHECKING, Any

from streamlit_kit.errors import KitError, NoSession, PoolClosed, TaskExists, TooManyTasks
from streamlit_kit.sessions.session import Session
from streamlit_kit.tasks.context import TaskCancelled, TaskContext
from streamlit_kit.tasks.handle import TaskHandle
from streamlit_kit.tasks.pool import TaskPool
from streamlit_kit.tasks.result import TaskResult
from streamlit_kit.tasks.status import TaskStatus

if TYPE_CHECKING:
    from streamlit_kit.sessions.manager import SessionCallbackManager
    from streamlit_kit.tasks.manager import AsyncTaskManager

_WITH_STREAMLIT = {
    "AsyncTaskManager": "streamlit_kit.tasks.manager",
    "SessionCallbackManager": "streamlit_kit.sessions.manager",
}


def __getattr__(name: str) -> Any:
    if name not in _WITH_STREAMLIT:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_WITH_STREAMLIT[name]), name)


__all__ = [
    "AsyncTaskManager",
    "KitError",
    "NoSession",
    "PoolClosed",
    "Session",
    "SessionCallbackManager",
    "TaskCancelled",
    "TaskContext",
    "TaskExists",
    "TaskHandle",
    "TaskPool",
    "TaskResult",
    "TaskStatus",
    "TooManyTasks",
]
