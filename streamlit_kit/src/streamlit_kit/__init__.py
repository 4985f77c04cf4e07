"""Background tasks and session events for Streamlit apps."""

from streamlit_kit.errors import KitError, NoSession, PoolClosed, TaskExists, TooManyTasks
from streamlit_kit.sessions.manager import SessionCallbackManager
from streamlit_kit.sessions.session import Session
from streamlit_kit.tasks.context import TaskCancelled, TaskContext
from streamlit_kit.tasks.handle import TaskHandle
from streamlit_kit.tasks.manager import AsyncTaskManager
from streamlit_kit.tasks.pool import TaskPool
from streamlit_kit.tasks.result import TaskResult
from streamlit_kit.tasks.status import TaskStatus

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
