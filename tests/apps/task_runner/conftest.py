"""What the tests of the task runner share: its modules on the path, and small computations."""

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

APP = Path(__file__).resolve().parents[3] / "apps" / "task-runner"

# Its programs are started in this folder.
sys.path.append(str(APP))

from computations.computation import Argument  # noqa: E402
from task_runner import audience, pool  # noqa: E402

SMALL: dict[str, dict[str, Argument]] = {
    "fractal": {"place": "Whole set", "width": 160, "turns": 50},
    "tour": {"cities": 10, "rounds": 100, "seed": 1},
    "primes": {"millions": 1},
    "pi": {"millions": 10, "seed": 1},
}
"""Arguments with which each computation takes a tenth of a second."""

LARGE: dict[str, dict[str, Argument]] = {
    "fractal": {"place": "Seahorses", "width": 1280, "turns": 5000},
    "tour": {"cities": 400, "rounds": 20_000, "seed": 1},
    "primes": {"millions": 10_000},
    "pi": {"millions": 10_000, "seed": 1},
}
"""Arguments with which each takes far longer than any test."""


@pytest.fixture
def own_pool() -> Iterator[None]:
    """Threads of one test's own; what still runs in them is cancelled."""
    pool.pool.cache_clear()
    audience.audience.cache_clear()
    yield
    pool.pool().close()
    pool.pool.cache_clear()


@contextlib.contextmanager
def serving(app: ASGIApp, root_path: str = "") -> Iterator[httpx.Client]:
    """Serve an app by uvicorn in a thread; give a client of it."""
    how = uvicorn.Config(app, root_path=root_path, log_level="critical", lifespan="off")
    server = uvicorn.Server(how)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()
