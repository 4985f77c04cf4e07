"""The media service: sources, listings, files, favourites and a trash, for a page or a server.

It knows no web framework. Everything that it raises is a MediaError, which holds no path.
"""

import base64
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from data_folder import data_folder
from favourite_store import FavouriteStore
from media_config import ServiceConfig
from media_error import (
    FavouritesUnavailableError,
    FileTooLargeError,
    MediaError,
    UnknownSourceError,
)
from media_item import MediaItem, OpenedMedia, SourceKind, TrashedItem
from media_listing import MediaPage, MediaPlace, MediaQuery, arrange
from media_source import MediaSource, make_source
from thumbnail_cache import ThumbnailCache, cache_folder
from thumbnailer import Thumbnail, Thumbnailer

HERE = Path(__file__).resolve().parent
MAX_ENCODED_BYTES = 32 * 1024 * 1024
_NEWEST_FIRST = MediaQuery()


@dataclass(frozen=True)
class SourceSummary:
    """A source for people to choose from; `problem` says why it cannot be read now, else None."""

    name: str
    kind: SourceKind
    count: int
    problem: str | None = None


class MediaService:
    """Answers for the sources of one configuration; safe to use from several threads."""

    def __init__(
        self, config: ServiceConfig, cache: ThumbnailCache, favourites: FavouriteStore
    ) -> None:
        made = (make_source(source, config.media_types) for source in config.sources)
        self._sources = {source.name: source for source in made}
        self._thumbnailer = Thumbnailer(cache)
        self._favourites = favourites

    @classmethod
    def load(cls, folder: Path = HERE) -> "MediaService":
        """The service of a folder's media_service.toml (or its example)."""
        config = ServiceConfig.load(folder)
        cache = ThumbnailCache(cache_folder(), config.thumbnail_cache_bytes)
        return cls(config, cache, FavouriteStore(data_folder()))

    def sources(self) -> tuple[SourceSummary, ...]:
        return tuple(_summary(source) for source in self._sources.values())

    def list_media(
        self,
        source: str,
        query: MediaQuery = _NEWEST_FIRST,
        *,
        offset: int = 0,
        limit: int | None = None,
    ) -> MediaPage:
        """The `limit` items from `offset` on; all of them without a limit."""
        items = self._arranged(source, query)
        offset = max(offset, 0)
        end = None if limit is None else offset + max(limit, 0)
        return MediaPage(tuple(items[offset:end]), len(items), offset)

    def place(self, source: str, name: str, query: MediaQuery = _NEWEST_FIRST) -> MediaPlace:
        """An item's neighbours in a listing; one that the query leaves out stands alone."""
        item = self.find(source, name)
        names = [each.name for each in self._arranged(source, query)]
        if name not in names:
            return MediaPlace(item, 0, 1, None, None)
        position = names.index(name)
        return MediaPlace(
            item,
            position,
            len(names),
            previous=names[position - 1] if position else None,
            next=names[position + 1] if position + 1 < len(names) else None,
        )

    def find(self, source: str, name: str) -> MediaItem:
        return self._marked(source, self._source(source).find(name))

    def open(self, source: str, name: str) -> OpenedMedia:
        """The file, open for reading; the caller closes it."""
        media = self._source(source).open(name)
        return replace(media, item=self._marked(source, media.item))

    def data_url(self, source: str, name: str) -> str:
        """The whole file as a data: URL with its true type."""
        media = self.open(source, name)
        with media.stream as stream:
            content = stream.read(MAX_ENCODED_BYTES + 1)
        if len(content) > MAX_ENCODED_BYTES:
            raise FileTooLargeError(
                f"{name!r} has more than {MAX_ENCODED_BYTES:,} bytes.",
                "Ask for the file itself, without encode.",
            )
        return as_data_url(content, media.item.content_type)

    def thumbnail(self, source: str, name: str, width: int) -> Thumbnail:
        """A WebP of about that width, from the cache if the file is still the same."""
        media = self.open(source, name)
        with media.stream:
            return self._thumbnailer.thumbnail(media, width)

    def favourite(self, source: str, name: str) -> MediaItem:
        """Mark an item, whether or not it is marked already."""
        item = self._source(source).find(name)
        self._favourites.add(source, name)
        return replace(item, favourite=True)

    def unfavourite(self, source: str, name: str) -> MediaItem:
        """Take a mark away, whether or not there is one."""
        item = self._source(source).find(name)
        self._favourites.remove(source, name)
        return item

    def delete(self, source: str, name: str) -> TrashedItem:
        """Move a file into the trash of its source, and the mark of a favourite with it."""
        deleted = self._source(source).delete(name)
        self._move_mark(source, name, _mark_in_trash(deleted))
        return deleted

    def trash(self, source: str) -> tuple[TrashedItem, ...]:
        """What can be restored; what was deleted last comes first."""
        return self._source(source).trash()

    def restore(self, source: str, trash_id: str) -> MediaItem:
        """Move a file back from the trash; NameTakenError rather than overwrite another."""
        item = self._source(source).restore(trash_id)
        self._move_mark(source, f"{trash_id}/{item.name}", item.name)
        return self._marked(source, item)

    def empty_trash(self, source: str) -> int:
        """Remove for good what the trash of a source has, and say how much that was."""
        removed = self._source(source).empty_trash()
        marked = self._favourites.names(source) if removed else frozenset()
        for mark in {_mark_in_trash(item) for item in removed} & marked:
            with suppress(FavouritesUnavailableError):
                self._favourites.remove(source, mark)
        return len(removed)

    def _source(self, name: str) -> MediaSource:
        try:
            return self._sources[name]
        except KeyError:
            known = ", ".join(self._sources)
            message = f"There is no source called {name!r}."
            raise UnknownSourceError(message, f"The sources are: {known}.") from None

    def _marked(self, source: str, item: MediaItem) -> MediaItem:
        return replace(item, favourite=self._favourites.has(source, item.name))

    def _arranged(self, source: str, query: MediaQuery) -> list[MediaItem]:
        items = self._source(source).items()
        marked = self._favourites.names(source)
        if marked:
            items = [
                replace(each, favourite=True) if each.name in marked else each for each in items
            ]
        return arrange(items, query)

    def _move_mark(self, source: str, old: str, new: str) -> None:
        with suppress(FavouritesUnavailableError):  # the file has been moved already
            self._favourites.rename(source, old, new)


def as_data_url(content: bytes, content_type: str) -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode('ascii')}"


def _summary(source: MediaSource) -> SourceSummary:
    try:
        return SourceSummary(source.name, source.kind, source.count())
    except MediaError as error:
        return SourceSummary(source.name, source.kind, 0, error.message)


def _mark_in_trash(item: TrashedItem) -> str:
    """The name that a mark has while its file is in the trash: no item of a source can have it."""
    return f"{item.id}/{item.name}"
