"""Ends tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN = 0.5
"""Seconds after which a task that goes on is told again."""


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait for their ends.

    Once is not enough: up to Python 3.11, asyncio.wait_for, which PyMongo uses, loses a
    cancellation that comes at the moment at which it has its result.
    """
    left = {each for each in tasks if not each.done()}
    while left:
        for each in left:
            each.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN)
