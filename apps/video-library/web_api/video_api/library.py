"""The library: what may be done with the videos of an account, over whichever storage."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from dataclasses import dataclass, replace

from video_api.forgetting import forget
from video_api.holding import Holding, Leases
from video_api.processing import Processing
from video_api.storage import BytesMissing, StorageFull, VideoBytes, VideoRows
from video_api.sweeping import Sweeper
from video_api.uploading import Upload
from video_api.video import HELD, SETTLED, Limits, Status, Video, used_by

LOST = "The file of this video is no longer in the storage."
CLOSING_PATIENCE = 5.0
"""Seconds in which uploads that were cut off are tidied up."""


class UnknownVideo(Exception):
    """The account has no video of this id."""


class NotReady(Exception):
    """The video cannot be watched: not yet, or never."""

    def __init__(self, video: Video) -> None:
        super().__init__(video.id)
        self.video = video


@dataclass(frozen=True)
class Shelf:
    """The videos of an account, the newest first, and the bytes that they count for."""

    videos: list[Video]
    used: int


class Library:
    """Keeps the rows and the bytes in step, whatever ends when."""

    def __init__(
        self,
        rows: VideoRows,
        stored: VideoBytes,
        limits: Limits,
        leases: Leases,
    ) -> None:
        self._rows = rows
        self._stored = stored
        self._leases = leases
        self._holdings: dict[str, Holding] = {}
        self._abandoning: set[asyncio.Task[None]] = set()
        self._processing = Processing(rows, stored)
        self._sweeper = Sweeper(rows, stored, self._processing, leases)
        self.limits = limits

    async def open(self) -> None:
        """Begin; where the storage does not answer yet, go on trying."""
        await self._sweeper.open()

    async def close(self) -> None:
        await self._sweeper.close()
        if self._abandoning:
            await asyncio.wait(self._abandoning, timeout=CLOSING_PATIENCE)
        await self._processing.close()
        await self._stored.close()
        await self._rows.close()

    async def ping(self) -> None:
        """Raise StorageUnavailable where the storage does not answer."""
        await self._rows.ping()

    async def shelf(self, owner: str) -> Shelf:
        now = self._leases.clock()
        rows = await self._rows.of_owner(owner)
        shown = [each for each in rows if _is_shown(each, now)]
        return Shelf(await self._as_they_are(shown), used_by(rows, now))

    async def find(self, owner: str, video_id: str) -> Video:
        """Return a video of an account's; raise UnknownVideo."""
        video = await self._rows.find(video_id)
        if video is None or video.owner != owner or not _is_shown(video, self._leases.clock()):
            raise UnknownVideo
        return (await self._as_they_are([video]))[0]

    async def watched(self, owner: str, video_id: str) -> Video:
        """Return a video that can be watched; raise UnknownVideo, NotReady or BytesMissing."""
        video = await self.find(owner, video_id)
        if video.error == LOST:
            raise BytesMissing(video_id)
        if video.status is not Status.READY:
            raise NotReady(video)
        return video

    def read(self, video: Video, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield bytes of a video; raise BytesMissing where it is deleted meanwhile."""
        return self._stored.read(video.id, start, end)

    async def has_room_for(self, size: int) -> bool:
        return await self._stored.room_for(size)

    @contextlib.asynccontextmanager
    async def upload(self, owner: str, title: str, size: int) -> AsyncIterator[Upload]:
        """Take a new video, for which so many bytes are set aside first.

        Leave nothing of it unless it was completed.
        """
        lease = self._leases.new()
        video = Video(
            id=secrets.token_hex(16),
            owner=owner,
            title=title,
            status=Status.UPLOADING,
            size=size,
            received=0,
            created_at=self._leases.clock(),
            holder=lease.holder,
            lease_until=lease.until,
        )
        holding = Holding(self._rows, self._leases, video.id, lease)
        upload = Upload(self._rows, self._stored, video, holding, self.limits, self._leases.clock)
        self._holdings[video.id] = holding
        try:
            await upload.begin()
            yield upload
        finally:
            del self._holdings[video.id]
            if not upload.is_received:
                await self._to_its_end(upload.abandon())

    async def complete(self, upload: Upload) -> Video:
        """All bytes of an upload have come: the rest is done in the background."""
        video, held = await upload.complete()
        self._processing.take(video, upload.holding, held)
        return video

    async def delete(self, owner: str, video_id: str) -> None:
        """Delete a video of an account's; raise UnknownVideo.

        One on which a process works is that process's to remove, once it has noticed.
        """
        await self.find(owner, video_id)
        try:
            await self._delete(video_id)
        except StorageFull:  # not even a row can be changed: as it is to go, its bytes may first
            await self._stored.delete(video_id)
            await self._delete(video_id)

    async def _delete(self, video_id: str) -> None:
        for _ in range(3):  # it may be on its way from the one kind to the other
            lease = self._leases.new()
            if await self._rows.deleting(video_id, SETTLED, lease, None):
                await forget(self._rows, self._stored, video_id)
                return
            if await self._rows.deleting(video_id, HELD, None, None):
                if video_id in self._holdings:
                    self._holdings[video_id].lose()
                return
        raise UnknownVideo

    async def _as_they_are(self, videos: list[Video]) -> list[Video]:
        """Return videos as they can be used: one whose bytes are missing is not ready."""
        ready = {each.id: each.size for each in videos if each.status is Status.READY}
        if not ready:
            return videos
        there = await self._stored.sizes(ready)
        lost = {each for each, size in ready.items() if there.get(each) != size}
        return [
            replace(each, status=Status.FAILED, error=LOST) if each.id in lost else each
            for each in videos
        ]

    async def _to_its_end(self, work: Coroutine[None, None, None]) -> None:
        """Have work done even if whoever waits for it is cancelled meanwhile."""
        task = asyncio.create_task(work)
        self._abandoning.add(task)
        task.add_done_callback(self._abandoning.discard)
        await asyncio.shield(task)


def _is_shown(video: Video, now: float) -> bool:
    if video.status is Status.UPLOADING:
        return video.lease_until >= now
    return video.status is not Status.DELETING
