"""A video of the library, as the web API tells of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Status(StrEnum):
    """How far a video is."""

    UPLOADING = "uploading"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Video:
    """One video; `size` and `received` are in bytes, `duration` is in seconds."""

    id: str
    title: str
    status: Status
    size: int | None
    received: int
    duration: float | None
    width: int | None
    height: int | None
    created_at: str
    error: str | None

    @property
    def is_under_way(self) -> bool:
        """Tell whether its status will change by itself."""
        return self.status in {Status.UPLOADING, Status.PROCESSING}

    @classmethod
    def read(cls, document: dict[str, Any]) -> Self:
        """Return the video that a document of the API tells of; what else it tells is left."""
        said = {name: document[name] for name in cls.__dataclass_fields__}
        return cls(**{**said, "status": Status(document["status"])})


@dataclass(frozen=True)
class Shelf:
    """A visitor's videos, the newest first; their bytes, how many these and one may have."""

    videos: tuple[Video, ...]
    used: int
    quota: int
    largest: int

    @classmethod
    def read(cls, document: dict[str, Any]) -> Self:
        """Return the shelf that a document of the API tells of."""
        videos = tuple(map(Video.read, document["videos"]))
        return cls(videos, document["used"], document["quota"], document["largest"])
