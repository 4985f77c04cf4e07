"""One thing that a source shows, an opened file of one, and a deleted one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Literal

ItemKind = Literal["file", "link"]
SourceKind = Literal["folder", "links"]


@dataclass(frozen=True, slots=True)
class MediaItem:
    """A file of a folder (size, time and version known) or a link (nothing known but its URL)."""

    name: str
    kind: ItemKind
    content_type: str
    size: int | None = None
    modified_ns: int | None = None
    url: str | None = None
    favourite: bool = False

    @property
    def version(self) -> str | None:
        """Changes whenever the file does; also the file's ETag. None for links."""
        if self.modified_ns is None:
            return None
        return f"{self.modified_ns:x}-{self.size:x}"

    @property
    def modified(self) -> datetime | None:
        if self.modified_ns is None:
            return None
        return datetime.fromtimestamp(self.modified_ns / 1e9, tz=UTC)


@dataclass(frozen=True, slots=True)
class OpenedMedia:
    """A file that passed every check, open for reading; whoever gets it closes it."""

    item: MediaItem
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class TrashedItem:
    """A deleted file that can be restored by its id; `size` is that of what was moved."""

    id: str
    name: str
    content_type: str
    size: int
    deleted: datetime
