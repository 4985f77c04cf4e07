"""The jobs of the API: whoever knows a job's id may ask for it and cancel it."""

import secrets
import threading
from dataclasses import dataclass

from streamlit_kit import TaskPool, TaskResult, TooManyTasks

from computations.computation import Arguments, Computation
from computations.work import work
from rest.error import TooManyJobs, UnknownJob

OWNER = "api"
WORKERS, MOST_WAITING, MOST_KEPT = 2, 20, 100
TTL = 600.0
"""Seconds for which a result is kept."""


@dataclass(frozen=True)
class Job:
    """What was asked for, and how far it is."""

    id: str
    computation: Computation
    arguments: Arguments
    result: TaskResult


class Board:
    """Starts jobs and finds them again. All of it may be used by any thread."""

    def __init__(self, pool: TaskPool) -> None:
        self._pool = pool
        self._asked: dict[str, tuple[Computation, Arguments]] = {}
        self._lock = threading.Lock()

    def start(self, computation: Computation, arguments: Arguments) -> Job:
        """Start a job; raise TooManyJobs where enough of them wait."""
        job_id = secrets.token_urlsafe(16)
        try:
            handle = self._pool.submit(OWNER, job_id, work, computation, arguments)
        except TooManyTasks:
            raise TooManyJobs from None
        with self._lock:
            known = {each.task_id for each in self._pool.results(OWNER)}
            self._asked = {key: asked for key, asked in self._asked.items() if key in known}
            self._asked[job_id] = computation, arguments
        return Job(job_id, computation, arguments, handle.get_result())

    def find(self, job_id: str) -> Job:
        """Return a job; raise UnknownJob where there is none of this id, or none any more."""
        with self._lock:
            asked = self._asked.get(job_id)
        result = self._pool.get_result(OWNER, job_id)
        if asked is None or result is None:
            raise UnknownJob
        return Job(job_id, *asked, result)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job that is not finished; return it as it is now."""
        self.find(job_id)
        self._pool.cancel(OWNER, job_id)
        return self.find(job_id)


def new_pool() -> TaskPool:
    """Return a pool with the API's bounds."""
    return TaskPool(WORKERS, max_queued=MOST_WAITING, max_kept=MOST_KEPT, ttl=TTL)
