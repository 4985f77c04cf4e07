"""How many processes may start at the same time."""

import asyncio
import os

from streamlit_controls.manager import memory

HOLD = 10.0
"""Seconds after which a start that is not done keeps others waiting no longer."""


class Admission:
    """Gives each start a place: as many as there are cores, or one where memory is short.

    Whoever is waited for by a visitor does not wait here.
    """

    def __init__(self, places: int | None = None) -> None:
        self._places = places or len(os.sched_getaffinity(0))
        self._inside: dict[int, asyncio.TimerHandle] = {}
        self._left = asyncio.Event()

    async def enter(self, replica: int, *, urgent: bool) -> None:
        """Wait for a place; `urgent` ones take theirs without asking."""
        while not urgent and len(self._inside) >= self._allowed():
            self._left.clear()
            await self._left.wait()
        self.leave(replica)
        loop = asyncio.get_running_loop()
        self._inside[replica] = loop.call_later(HOLD, self.leave, replica)

    def leave(self, replica: int) -> None:
        """Give a place back, if there is one."""
        timer = self._inside.pop(replica, None)
        if timer is not None:
            timer.cancel()
            self._left.set()

    def _allowed(self) -> int:
        return 1 if memory.is_short() else self._places
