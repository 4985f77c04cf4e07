"""The threads of the page's tasks, shared fairly by all visitors."""

import functools

from streamlit_kit import TaskPool

WORKERS = 4


@functools.cache
def pool() -> TaskPool:
    """Return the one pool of this process.

    Three tasks of a visitor run at once, so that the first one of the next visitor begins soon.
    """
    return TaskPool(WORKERS, max_running=3, max_queued=20, max_kept=20)
