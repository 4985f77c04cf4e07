"""A video of the library, and what becomes of it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Status(StrEnum):
    """How far a video is."""

    UPLOADING = "uploading"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    DELETING = "deleting"


_NEXT: dict[Status, frozenset[Status]] = {
    Status.UPLOADING: frozenset({Status.PROCESSING, Status.DELETING}),
    Status.PROCESSING: frozenset({Status.READY, Status.FAILED, Status.DELETING}),
    Status.READY: frozenset({Status.DELETING}),
    Status.FAILED: frozenset({Status.DELETING}),
    Status.DELETING: frozenset(),
}

HELD = frozenset({Status.UPLOADING, Status.PROCESSING})
"""A process works on these, and holds a lease of them as long as it does."""

SETTLED = frozenset({Status.READY, Status.FAILED})


def before(status: Status) -> frozenset[Status]:
    """Return what a video may have been before it becomes this."""
    return frozenset(each for each, following in _NEXT.items() if status in following)


@dataclass(frozen=True)
class Video:
    """A row of the library."""

    id: str
    owner: str
    title: str
    status: Status
    size: int
    """Bytes; while it is uploaded, those that are set aside for it."""
    received: int
    created_at: float
    """Seconds since 1970, as all times here."""
    sha256: str | None = None
    duration: float | None = None
    """Seconds."""
    width: int | None = None
    height: int | None = None
    error: str | None = None
    """Why it failed, for people."""
    holder: str | None = None
    """Whoever works on it."""
    lease_until: float = 0.0

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return the video of a row."""
        return cls(**row | {"status": Status(row["status"])})


@dataclass(frozen=True)
class Facts:
    """What is known of a video once it has been looked at."""

    sha256: str
    duration: float | None
    width: int
    height: int


@dataclass(frozen=True)
class Lease:
    """Who works on a video, and until when that holds unless it is renewed."""

    holder: str
    until: float


@dataclass(frozen=True)
class Limits:
    """What one account may have."""

    quota: int
    """Bytes."""
    videos: int
    at_once: int
    """Uploads."""
    largest: int
    """Bytes of one video."""


def used_by(videos: Collection[Video], now: float) -> int:
    """Return the bytes that count against an account's quota."""
    return sum(each.size for each in videos if _counts(each, now))


def _counts(video: Video, now: float) -> bool:
    if video.status is Status.UPLOADING:
        return video.lease_until >= now
    return video.status in (Status.PROCESSING, Status.READY)
