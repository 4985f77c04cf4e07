"""Bounded waits in an event loop, and tests that run in one."""

import asyncio
import functools
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tests.support.waiting import interval

PATIENCE = 30.0
"""Seconds; far more than anything takes, so that a slow machine fails nothing."""

TEST_PATIENCE = 150.0
"""Seconds that one test may take, all its waits together."""

Found = TypeVar("Found")


async def until(look: Callable[[], Found | None], what: str, seconds: float = PATIENCE) -> Found:
    """Return what `look` finds, as soon as that is something true; fail when time is up."""
    began = time.monotonic()
    while not (found := look()):
        waited = time.monotonic() - began
        if waited > seconds:
            raise AssertionError(f"{what} did not happen within {seconds:.0f} s")
        await asyncio.sleep(interval(waited))
    return found


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test in a loop of its own, and not for ever."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        async def limited() -> None:
            async with asyncio.timeout(TEST_PATIENCE):
                await test(*args, **kwargs)

        asyncio.run(limited())

    return run
