"""A gallery without a server: the page calls the media service in its own process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer.gallery import GalleryError, Item, Listing, Page, Place, Source

_SERVICE = Path(__file__).resolve().parent.parent / "media_server"
if str(_SERVICE) not in sys.path:
    sys.path.append(str(_SERVICE))

from media_error import (  # noqa: E402
    MediaError,
    UnknownFileError,
    UnknownSourceError,
)
from media_item import MediaItem  # noqa: E402
from media_listing import MediaQuery  # noqa: E402
from media_service import MediaService, as_data_url  # noqa: E402
from thumbnail import CONTENT_TYPE  # noqa: E402


class ServiceGallery:
    """Pictures travel as data: URLs inside the page, so nothing else has to be reachable."""

    def __init__(self, service: MediaService) -> None:
        self._service = service

    @classmethod
    def load(cls, folder: Path = _SERVICE) -> "ServiceGallery":
        with _translated():
            return cls(MediaService.load(folder))

    def sources(self) -> tuple[Source, ...]:
        return tuple(
            Source(each.name, each.count, each.problem) for each in self._service.sources()
        )

    def page(self, source: str, listing: Listing, offset: int, limit: int) -> Page:
        with _translated():
            page = self._service.list_media(source, _query(listing), offset=offset, limit=limit)
        return Page(tuple(_item(each) for each in page.items), page.total)

    def place(self, source: str, name: str, listing: Listing) -> Place:
        with _translated():
            found = self._service.place(source, name, _query(listing))
        item = _item(found.item)
        return Place(item, found.position, found.total, found.previous, found.next)

    def thumbnail(self, source: str, item: Item, width: int) -> str | None:
        if item.url is not None or item.content_type == "image/svg+xml":
            return self.full(source, item)
        try:
            made = self._service.thumbnail(source, item.name, width)
        except MediaError:
            return None
        return as_data_url(made.content, CONTENT_TYPE)

    def full(self, source: str, item: Item) -> str | None:
        if item.url is not None:
            return item.url
        try:
            return self._service.data_url(source, item.name)
        except MediaError:
            return None

    def close(self) -> None:
        """Nothing is held open between two calls."""


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except MediaError as error:
        gone = isinstance(error, UnknownFileError | UnknownSourceError)
        raise GalleryError(error.message, error.hint, gone=gone) from None


def _query(listing: Listing) -> MediaQuery:
    return MediaQuery(
        filter_string=listing.filter_string,
        sort_by_date_flag=listing.sort_by_date_flag,
        ascending=listing.ascending,
    )


def _item(item: MediaItem) -> Item:
    return Item(item.name, item.content_type, item.size, item.modified, item.version, item.url)
