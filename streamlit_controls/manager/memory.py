"""Whether the machine's memory is short, and what is done about it."""

import asyncio
from collections.abc import Callable

import psutil

RESERVE = 0.05
"""Share of the machine's memory that is left free."""

INTERVAL = 2.0
"""Seconds between two looks."""


def is_short() -> bool:
    """Tell whether less memory is available than should be left free."""
    memory = psutil.virtual_memory()
    return bool(memory.available < RESERVE * memory.total)


async def watch(short: Callable[[], None]) -> None:
    """Tell again and again while memory is short, for ever."""
    while True:
        await asyncio.sleep(INTERVAL)
        if is_short():
            short()
