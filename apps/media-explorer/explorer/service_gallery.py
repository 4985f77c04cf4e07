"""A gallery without a server: the page calls the media service in its own process."""

from pathlib import Path

from explorer.gallery import Item, Listing, Page, Place, Source, TrashedItem
from explorer.media_modules import MEDIA_SERVER
from explorer.media_problem import translated
from media_error import MediaError
from media_item import MediaItem
from media_listing import MediaQuery
from media_service import MediaService, as_data_url
from thumbnail import CONTENT_TYPE


class ServiceGallery:
    """Pictures travel as data: URLs inside the page, so nothing else has to be reachable."""

    is_inline = True

    def __init__(self, folder: Path = MEDIA_SERVER) -> None:
        self._folder = folder
        self.recycle()

    def recycle(self) -> None:
        with translated():
            self._service = MediaService.load(self._folder)

    def sources(self) -> tuple[Source, ...]:
        return tuple(
            Source(each.name, each.kind, each.count, each.problem)
            for each in self._service.sources()
        )

    def page(self, source: str, listing: Listing, offset: int, limit: int) -> Page:
        with translated():
            page = self._service.list_media(source, _query(listing), offset=offset, limit=limit)
        return Page(tuple(_item(each) for each in page.items), page.total)

    def place(self, source: str, name: str, listing: Listing) -> Place:
        with translated():
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

    def favourite(self, source: str, name: str) -> None:
        with translated():
            self._service.favourite(source, name)

    def unfavourite(self, source: str, name: str) -> None:
        with translated():
            self._service.unfavourite(source, name)

    def delete(self, source: str, name: str) -> TrashedItem:
        with translated():
            gone = self._service.delete(source, name)
        return TrashedItem(gone.id, gone.name, gone.size, gone.deleted)

    def trash(self, source: str) -> tuple[TrashedItem, ...]:
        with translated():
            trashed = self._service.trash(source)
        return tuple(TrashedItem(each.id, each.name, each.size, each.deleted) for each in trashed)

    def restore(self, source: str, trash_id: str) -> str:
        with translated():
            return self._service.restore(source, trash_id).name

    def empty_trash(self, source: str) -> int:
        with translated():
            return self._service.empty_trash(source)

    def close(self) -> None:
        """Nothing is held open between two calls."""


def _query(listing: Listing) -> MediaQuery:
    return MediaQuery(
        filter_string=listing.filter_string,
        sort_by_date_flag=listing.sort_by_date_flag,
        ascending=listing.ascending,
        favourites_flag=listing.favourites_flag,
    )


def _item(item: MediaItem) -> Item:
    return Item(
        item.name,
        item.content_type,
        item.size,
        item.modified,
        item.version,
        item.url,
        item.favourite,
    )
