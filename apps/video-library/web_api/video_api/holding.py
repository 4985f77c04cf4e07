"""A lease of a video, renewed for as long as this process works on it."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from video_api.ending import end
from video_api.storage import Gone, StorageFull, StorageUnavailable, VideoRows
from video_api.video import Lease

LONGEST_PAUSE = 1.0
"""Seconds between renewals, which also tell others how far an upload is."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Leases:
    """Makes leases of so many seconds."""

    seconds: float
    clock: Callable[[], float] = time.time

    def new(self, holder: str | None = None) -> Lease:
        """Return a lease that begins now, of somebody new unless it says of whom."""
        return Lease(holder or secrets.token_hex(8), self.clock() + self.seconds)


class Holding:
    """Keeps a lease until it is ended; `received` is how many bytes of the video have come."""

    def __init__(self, rows: VideoRows, leases: Leases, video_id: str, lease: Lease) -> None:
        self._rows = rows
        self._leases = leases
        self._lease = lease
        self._wake: Callable[[], None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self.video_id = video_id
        self.received = 0
        self.is_gone = False

    @property
    def holder(self) -> str:
        return self._lease.holder

    def begin(self) -> None:
        self._renewing = asyncio.create_task(self._renew())

    async def end(self) -> None:
        """Renew it no longer."""
        if self._renewing is not None:
            await end([self._renewing])

    def check(self) -> None:
        """Raise Gone if the video was deleted, or somebody else has taken it over."""
        if self.is_gone:
            raise Gone

    def lose(self) -> None:
        """Note that the video is this process's no longer."""
        self.is_gone = True
        if self._wake is not None:
            self._wake()

    @contextlib.contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have something done at the moment at which the video is gone."""
        self._wake = wake
        try:
            yield
        finally:
            self._wake = None

    async def _renew(self) -> None:
        pause = min(LONGEST_PAUSE, self._leases.seconds / 4)
        while not self.is_gone:
            await asyncio.sleep(pause)
            lease = self._leases.new(self.holder)
            try:
                if await self._rows.renew(self.video_id, lease, self.received):
                    self._lease = lease
                else:
                    self.lose()
            except (StorageUnavailable, StorageFull) as error:
                log.warning("The lease of video %s was not renewed: %s", self.video_id, error)
                if self._leases.clock() > self._lease.until:
                    self.lose()
