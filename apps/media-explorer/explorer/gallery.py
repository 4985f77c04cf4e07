"""What the page shows, wherever it comes from: sources, items and parts of listings."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol


class GalleryError(Exception):
    """The media cannot be had; the message and the hint are for the person at the page."""

    def __init__(self, message: str, hint: str = "", *, gone: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.gone = gone  # what was asked for does not exist, but all else may


@dataclass(frozen=True)
class Source:
    """`problem` says why the source shows nothing now, else None."""

    name: str
    kind: str
    count: int
    problem: str | None = None

    @property
    def has_files(self) -> bool:
        """Whether it is a folder, from which can be deleted, and not links of a configuration."""
        return self.kind == "folder"


@dataclass(frozen=True)
class Item:
    """A file, or a link if it has a `url`."""

    name: str
    content_type: str
    size: int | None
    modified: datetime | None
    version: str | None
    url: str | None
    favourite: bool = False

    @property
    def medium(self) -> str:
        """What a browser shows it with: "image", "video" or "audio"."""
        kind = self.content_type.partition("/")[0]
        return kind if kind in ("video", "audio") else "image"


@dataclass(frozen=True)
class TrashedItem:
    """A deleted file, which `id` brings back."""

    id: str
    name: str
    size: int
    deleted: datetime


@dataclass(frozen=True)
class Listing:
    """What is listed and in which order; the field names are the server's parameters."""

    filter_string: str = ""
    sort_by_date_flag: bool = True
    ascending: bool = False
    favourites_flag: bool = False

    def parameters(self) -> dict[str, str]:
        return {key: str(value) for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Page:
    """A part of a listing of `total` items."""

    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True)
class Place:
    """An item, where it stands in a listing (0 is first), and the names beside it."""

    item: Item
    position: int
    total: int
    previous: str | None
    next: str | None


class Gallery(Protocol):
    """Answers for the page; every method may raise a GalleryError.

    Pictures are given as something that a browser can load: a URL, a path or a data: URL.
    """

    @property
    def is_inline(self) -> bool:
        """Whether pictures travel inside the page, so each has to be asked for in one size."""

    def sources(self) -> tuple[Source, ...]: ...

    def page(self, source: str, listing: Listing, offset: int, limit: int) -> Page: ...

    def place(self, source: str, name: str, listing: Listing) -> Place: ...

    def thumbnail(self, source: str, item: Item, width: int) -> str | None:
        """None where there is none; the browser finds out for itself where a server is asked."""

    def full(self, source: str, item: Item) -> str | None:
        """The item itself; None if it is too large to be shown."""

    def favourite(self, source: str, name: str) -> None: ...

    def unfavourite(self, source: str, name: str) -> None: ...

    def delete(self, source: str, name: str) -> TrashedItem:
        """Move a file to the trash of its source."""

    def trash(self, source: str) -> tuple[TrashedItem, ...]:
        """What can be restored; what was deleted last comes first."""

    def restore(self, source: str, trash_id: str) -> str:
        """Bring a file back and return its name; nothing is ever overwritten."""

    def empty_trash(self, source: str) -> int:
        """Remove for good what the trash has, and return how many files that was."""

    def recycle(self) -> None:
        """Start anew with the configuration of now; one that cannot be used changes nothing."""

    def close(self) -> None:
        """Give back what is held open."""
