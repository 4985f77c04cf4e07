"""Where the current snapshot hangs, for all who wait for the next."""

import asyncio
from collections.abc import AsyncIterator, Callable

from streamlit_controls.core.snapshot import Snapshot


class Board:
    """Holds the newest snapshot; readers see the newest, never a queue of old ones."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._changed = asyncio.Event()

    def publish(self, snapshot: Snapshot) -> bool:
        """Replace the snapshot; return whether it says anything new."""
        if snapshot == self.snapshot:
            return False
        self.snapshot = snapshot
        self._changed.set()
        self._changed = asyncio.Event()
        return True

    async def changes(self) -> AsyncIterator[Snapshot]:
        """Yield the snapshot now and after each change, without end."""
        while True:
            changed = self._changed
            yield self.snapshot
            await changed.wait()

    async def until(self, done: Callable[[Snapshot], bool]) -> Snapshot:
        """Return the first snapshot of which `done` is true."""
        async for snapshot in self.changes():
            if done(snapshot):
                return snapshot
        raise AssertionError("changes never end")
