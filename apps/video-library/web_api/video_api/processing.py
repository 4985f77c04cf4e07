"""Brings videos whose bytes have all come to an end, good or bad, in the background."""

import asyncio
import logging

from video_api.ending import end
from video_api.forgetting import forget
from video_api.holding import Holding
from video_api.inspection import facts_of
from video_api.mp4 import NotPlayable
from video_api.storage import (
    BytesMissing,
    Gone,
    Held,
    StorageFull,
    StorageUnavailable,
    VideoBytes,
    VideoRows,
)
from video_api.video import Video

AT_ONCE = 2
log = logging.getLogger(__name__)


class Processing:
    """Has a task of its own for each video; a process that ends leaves them to the next one."""

    def __init__(self, rows: VideoRows, stored: VideoBytes) -> None:
        self._rows = rows
        self._stored = stored
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, video: Video, holding: Holding, held: Held | None) -> None:
        """Take a video over from whoever held it; without `held`, from a process that has ended."""
        task = asyncio.create_task(self._attempt(video, holding, held))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finished(self) -> None:
        """Wait until there is nothing more to do."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        await asyncio.sleep(0)  # those that have not begun yet have something to let go of, too
        await end(self._tasks)

    async def _attempt(self, video: Video, holding: Holding, held: Held | None) -> None:
        try:
            await self._work(video, holding, held)
        except (StorageUnavailable, StorageFull) as error:
            # Its lease runs out, and whoever sweeps then tries again.
            log.warning("Video %s is left until later: %s", video.id, error)

    async def _work(self, video: Video, holding: Holding, held: Held | None) -> None:
        try:
            held = held or await self._stored.resume(video.id)
            await self._process(video, holding, held)
        except BytesMissing:
            await self._fail(video, holding, "The file was lost, as the server was interrupted.")
        except asyncio.CancelledError:
            await self._rows.release(video.id, holding.holder, until=0.0)
            raise
        finally:
            await holding.end()
            if held:
                await held.close()

    async def _process(self, video: Video, holding: Holding, held: Held) -> None:
        try:
            async with self._turn:
                facts = await facts_of(self._stored, video.id, video.size, holding)
                await held.commit(facts, video.title)
            if not await self._rows.ready(video.id, holding.holder, facts):
                raise Gone
        except NotPlayable as problem:
            await self._fail(video, holding, str(problem))
        except StorageFull:
            await self._fail(video, holding, "The storage was full before the file was in it.")
        except Gone:
            await forget(self._rows, self._stored, video.id)

    async def _fail(self, video: Video, holding: Holding, problem: str) -> None:
        if await self._rows.failed(video.id, holding.holder, problem):
            await self._stored.delete(video.id)
            await self._rows.release(video.id, holding.holder, until=None)
        else:
            await forget(self._rows, self._stored, video.id)
