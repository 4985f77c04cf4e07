"""One upload: bytes go to the storage as they come, and nothing of it stays unless all have."""

import logging
from collections.abc import Callable
from dataclasses import replace

from video_api.forgetting import forget
from video_api.holding import Holding
from video_api.storage import (
    Gone,
    Held,
    StorageFull,
    StorageUnavailable,
    VideoBytes,
    VideoRows,
)
from video_api.video import HELD, Limits, Status, Video

WRITTEN_AT_ONCE = 1024 * 1024
SET_ASIDE_AT_ONCE = 64 * 1024 * 1024
"""Bytes, for uploads that do not say how long they are."""
log = logging.getLogger(__name__)


class TooLarge(Exception):
    """The file is larger than any that may be uploaded."""


class Upload:
    """Takes the bytes of one video, in order."""

    def __init__(
        self,
        rows: VideoRows,
        stored: VideoBytes,
        video: Video,
        holding: Holding,
        limits: Limits,
        now: Callable[[], float],
    ) -> None:
        self._rows = rows
        self._stored = stored
        self._limits = limits
        self._now = now
        self._held: Held | None = None
        self._kept = bytearray()
        self._set_aside = video.size
        self.video = video
        self.holding = holding
        self.is_received = False

    async def begin(self) -> None:
        """Add the row, then make room for the bytes."""
        await self._rows.add(self.video, self._limits, self._now())
        self.holding.begin()
        self._held = await self._stored.create(self.video.id)

    async def write(self, data: bytes) -> None:
        """Take more bytes; raise Gone, TooLarge, QuotaExceeded or StorageFull."""
        self.holding.check()
        self.holding.received += len(data)
        if self.holding.received > self._limits.largest:
            raise TooLarge
        if self.holding.received > self._set_aside:
            await self._grow()
        self._kept += data
        if len(self._kept) >= WRITTEN_AT_ONCE:
            await self._flush()

    async def complete(self) -> tuple[Video, Held]:
        """All bytes have come: return the video as it is now, and what holds its bytes."""
        assert self._held is not None
        await self._flush()
        await self._held.finish()
        self.holding.check()
        if not await self._rows.received(self.video.id, self.holding.holder, self.holding.received):
            raise Gone
        self.is_received = True
        size = self.holding.received
        return replace(self.video, status=Status.PROCESSING, size=size, received=size), self._held

    async def abandon(self) -> None:
        """Leave nothing of it; where the storage fails, that is for whoever sweeps."""
        await self.holding.end()
        try:
            await self._give_up()
            await forget(self._rows, self._stored, self.video.id)
        except (StorageUnavailable, StorageFull) as error:
            log.warning("What came of video %s is left until later: %s", self.video.id, error)
        finally:
            if self._held is not None:
                await self._held.close()

    async def _give_up(self) -> None:
        try:
            await self._rows.deleting(self.video.id, HELD, None, self.holding.holder)
        except StorageFull:  # by these very bytes
            await self._stored.delete(self.video.id)
            await self._rows.deleting(self.video.id, HELD, None, self.holding.holder)

    async def _grow(self) -> None:
        least = self.holding.received
        wanted = min(least + SET_ASIDE_AT_ONCE, self._limits.largest)
        self._set_aside = await self._rows.grow(
            self.video, least, wanted, self._limits.quota, self._now()
        )

    async def _flush(self) -> None:
        if self._kept:
            assert self._held is not None
            data, self._kept = bytes(self._kept), bytearray()
            await self._held.write(data)
