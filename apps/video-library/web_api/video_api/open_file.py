"""A descriptor that threads work on: closed only when none of them uses it any more."""

import asyncio
import os
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

Result = TypeVar("Result")
Begin = Callable[[Callable[[], Any]], "asyncio.Future[Any]"]
"""Has work done in a thread."""


class OpenFile:
    """Owns a descriptor. A number that was closed too early would soon be another file's."""

    def __init__(self, descriptor: int, begin: Begin) -> None:
        self._descriptor = descriptor
        self._begin = begin
        self._working: asyncio.Future[Any] | None = None
        self._is_closed = False

    async def run(self, work: Callable[[int], Result]) -> Result:
        """Have work done on the descriptor, to its end even if nobody waits for that any more."""
        self._working = self._begin(lambda: work(self._descriptor))
        result: Result = await asyncio.shield(self._working)
        return result

    def close(self) -> None:
        """Have it closed in a thread: that may take long, if it is the end of a large file."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._working is None or self._working.done():
            self._close()
        else:
            self._working.add_done_callback(self._close_late)

    def _close(self) -> None:
        try:
            self._begin(partial(os.close, self._descriptor))
        except RuntimeError:  # there are no threads any more
            os.close(self._descriptor)

    def _close_late(self, working: "asyncio.Future[Any]") -> None:
        if not working.cancelled():
            working.exception()  # nobody else asks for it
        self._close()
