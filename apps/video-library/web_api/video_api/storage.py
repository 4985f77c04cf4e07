"""What the library needs of a storage: rows and bytes, by two drivers each.

A row comes before its bytes and goes after them, so that bytes without a row are nobody's.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Collection
from typing import Protocol

from video_api.video import Facts, Lease, Limits, Status, Video


class StorageUnavailable(Exception):
    """The storage does not answer, or not as it should; the message is for the log."""


class StorageTooNew(Exception):
    """The storage is of a newer release than this; nothing but that release can use it."""


class StorageFull(Exception):
    """There is no room for more."""


class BytesMissing(Exception):
    """A video's bytes are not there, or no longer."""


class QuotaExceeded(Exception):
    """The account would have more than it may."""


class TooManyUploads(Exception):
    """The account has as many uploads at once as it may."""


class TooManyVideos(Exception):
    """The account has as many videos as it may."""


class Gone(Exception):
    """The video was deleted, or somebody else has taken it over."""


class VideoRows(Protocol):
    """What is known of the videos. Each call is done wholly or not at all, for all processes."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None:
        """Raise StorageUnavailable where it does not answer."""

    async def add(self, video: Video, limits: Limits, now: float) -> None:
        """Add a row; raise where the account may not have it."""

    async def grow(self, video: Video, at_least: int, wanted: int, quota: int, now: float) -> int:
        """Set more bytes aside for an upload of this holder's; return how many in all.

        As many as wanted, or what the quota leaves; raise QuotaExceeded if that is not enough, Gone
        if the upload is not this holder's any more.
        """

    async def find(self, video_id: str) -> Video | None: ...

    async def of_owner(self, owner: str) -> list[Video]: ...

    async def leased(self) -> list[Video]:
        """Return those on which somebody works or has worked until their process ended."""

    async def known(self, ids: Collection[str]) -> set[str]:
        """Return those ids that have rows."""

    async def renew(self, video_id: str, lease: Lease, received: int) -> bool:
        """Keep a lease of a HELD video; tell whether it still was this holder's."""

    async def claim(self, video: Video, lease: Lease, status: Status) -> bool:
        """Take a video over, if nobody has since it was read as `video`."""

    async def release(self, video_id: str, holder: str, until: float | None) -> bool:
        """End a lease: wholly, or (for others to take over) at a time."""

    async def received(self, video_id: str, holder: str, size: int) -> bool:
        """UPLOADING -> PROCESSING."""

    async def ready(self, video_id: str, holder: str, facts: Facts) -> bool:
        """PROCESSING -> READY; the lease ends."""

    async def failed(self, video_id: str, holder: str, error: str) -> bool:
        """PROCESSING -> FAILED; the lease stays until the bytes are gone."""

    async def deleting(
        self, video_id: str, when: Collection[Status], lease: Lease | None, holder: str | None
    ) -> bool:
        """Any of `when` -> DELETING, with another lease if one is given; of a holder, if so."""

    async def remove(self, video_id: str) -> None:
        """Remove the row of a DELETING video."""


class Held(Protocol):
    """The bytes of a video on which this process works."""

    async def write(self, data: bytes) -> None:
        """Append; raise StorageFull."""

    async def finish(self) -> None:
        """Write what is still to be written."""

    async def commit(self, facts: Facts, title: str) -> None:
        """Make the bytes outlast a power failure, and seen by whoever streams; may be repeated."""

    async def close(self) -> None:
        """Let go of them, whatever they are now."""


class VideoBytes(Protocol):
    """The bytes of the videos, by the ids of their rows."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def room_for(self, size: int) -> bool:
        """Tell whether there seems to be room for so many bytes."""

    async def create(self, video_id: str) -> Held: ...

    async def resume(self, video_id: str) -> Held:
        """Take over the bytes of another process that has ended; raise BytesMissing."""

    async def abandoned(self, video_id: str) -> bool:
        """Tell whether a process that wrote these has certainly ended."""

    async def uncommitted_size(self, video_id: str) -> int:
        """Return how many bytes there are, committed or not."""

    async def sizes(self, ids: Collection[str]) -> dict[str, int]:
        """Return the sizes of those that are committed."""

    def read(self, video_id: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """Yield bytes from start up to end; raise BytesMissing. Holds little of them at a time."""

    async def delete(self, video_id: str) -> None:
        """Remove all there is of a video; that it is gone already is as good."""

    def strays(self, before: float) -> AsyncIterator[str]:
        """Yield the ids under which bytes were stored before a time, and perhaps no row is."""
