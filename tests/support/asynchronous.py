"""Async tests without a plugin."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

PATIENCE = 30.0
"""Seconds that any async test may take."""


def bounded(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test in a loop of its own, and not for ever."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        async def limited() -> None:
            async with asyncio.timeout(PATIENCE):
                await test(*args, **kwargs)

        asyncio.run(limited())

    return run
