"""Bounded waits in an event loop, and tests that run in one."""

import asyncio
import functools
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

PATIENCE = 30.0
"""Seconds; far more than anything takes, so that a slow machine fails nothing."""

TEST_PATIENCE = 150.0
"""Seconds that one test may take, all its waits together."""

Found = TypeVar("Found")


async def until(look: Callable[[], Found | None], what: str, seconds: float = PATIENCE) -> Found:
    """Return what `look` finds, as soon as that is something true; fail when time is up."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds:.0f} s")
        await asyncio.sleep(0.01)
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
