"""Finishes what processes that have ended left: at the start, and from time to time."""

import asyncio
import logging
import time

from video_api.ending import end
from video_api.forgetting import forget
from video_api.holding import Holding, Leases
from video_api.processing import Processing
from video_api.storage import StorageFull, StorageUnavailable, VideoBytes, VideoRows
from video_api.video import Status, Video

RETRY, LONGEST_RETRY = 0.5, 10.0
"""Seconds between two tries to reach a storage that does not answer yet."""
STRAY_AGE = 24 * 3600.0
"""Seconds after which bytes without a row are nobody's: a backup may be coming back just now."""
STRAYS_EVERY = 3600.0
AT_ONCE = 100
log = logging.getLogger(__name__)


class Sweeper:
    """Any process may sweep after any other; what one has claimed the others leave alone."""

    def __init__(
        self,
        rows: VideoRows,
        stored: VideoBytes,
        processing: Processing,
        leases: Leases,
    ) -> None:
        self._rows = rows
        self._stored = stored
        self._processing = processing
        self._leases = leases
        self._sweeping: asyncio.Task[None] | None = None
        self._strays_due = time.monotonic()

    async def open(self) -> None:
        """Open the storage and sweep once, then go on in the background."""
        is_open = await self._opened()
        self._sweeping = asyncio.create_task(self._sweep_on(is_open))

    async def close(self) -> None:
        if self._sweeping is not None:
            await end([self._sweeping])

    async def sweep(self) -> None:
        """Take over what nobody works on any more."""
        for video in await self._rows.leased():
            try:
                if await self._is_free(video):
                    await self._take_over(video)
            except (StorageUnavailable, StorageFull) as error:
                log.warning("Video %s could not be taken over: %s", video.id, error)

    async def sweep_strays(self) -> None:
        """Remove old bytes that have no row."""
        found: list[str] = []
        async for each in self._stored.strays(self._leases.clock() - STRAY_AGE):
            found.append(each)
            if len(found) >= AT_ONCE:
                await self._remove_strays(found)
                found = []
        await self._remove_strays(found)

    async def _remove_strays(self, found: list[str]) -> None:
        for each in set(found) - await self._rows.known(found):
            log.warning("Bytes of %s, of which nothing else is known, are removed.", each)
            await self._stored.delete(each)

    async def _opened(self) -> bool:
        try:
            await self._stored.open()
            await self._rows.open()
            await self.sweep()
        except (StorageUnavailable, StorageFull) as error:
            log.warning("The storage cannot be used yet: %s", error)
            return False
        return True

    async def _sweep_on(self, is_open: bool) -> None:
        pause = RETRY
        while not is_open:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_RETRY)
            is_open = await self._opened()
        while True:
            try:
                if time.monotonic() >= self._strays_due:
                    self._strays_due = time.monotonic() + STRAYS_EVERY
                    await self.sweep_strays()
                await asyncio.sleep(self._leases.seconds / 2)
                await self.sweep()
            except (StorageUnavailable, StorageFull) as error:
                log.warning("The storage was not swept: %s", error)
                await asyncio.sleep(RETRY)

    async def _is_free(self, video: Video) -> bool:
        """Tell whether nobody works on a video any more."""
        is_over = video.lease_until < self._leases.clock()
        return is_over or await self._stored.abandoned(video.id)

    async def _take_over(self, video: Video) -> None:
        lease = self._leases.new()
        status = Status.DELETING if video.status is Status.UPLOADING else video.status
        if not await self._rows.claim(video, lease, status):
            return
        log.info("Video %s (%s) is taken over.", video.id, video.status)
        if status is Status.PROCESSING:
            holding = Holding(self._rows, self._leases, video.id, lease)
            holding.received = video.received
            holding.begin()
            self._processing.take(video, holding, None)
            return
        if status is Status.DELETING:
            await forget(self._rows, self._stored, video.id)
        else:
            await self._stored.delete(video.id)
            await self._rows.release(video.id, lease.holder, until=None)
