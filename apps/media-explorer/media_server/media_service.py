"""The media service: sources, listings, files and thumbnails, for a page or for a server.

It knows no web framework. Everything that it raises is a MediaError, which holds no path.
"""

import base64
import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from media_config import ServiceConfig
from media_error import FileTooLargeError, MediaError, NotAPictureError, UnknownSourceError
from media_item import MediaItem, OpenedMedia
from media_listing import MediaPage, MediaPlace, MediaQuery, arrange
from media_source import MediaSource, SourceKind, make_source
from thumbnail import MAX_WIDTH, MIN_WIDTH, draw_thumbnail, nearest_width
from thumbnail_cache import ThumbnailCache, cache_folder

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


@dataclass(frozen=True)
class Thumbnail:
    """A WebP, and the item exactly as it was when the WebP was made of it."""

    item: MediaItem
    content: bytes


class MediaService:
    """Answers for the sources of one configuration; safe to use from several threads."""

    def __init__(self, config: ServiceConfig, cache: ThumbnailCache) -> None:
        made = (make_source(source, config.media_types) for source in config.sources)
        self._sources = {source.name: source for source in made}
        self._cache = cache
        # Decoding takes a core and much memory: as many at once as there are cores.
        self._drawing = threading.BoundedSemaphore(os.cpu_count() or 1)

    @classmethod
    def load(cls, folder: Path = HERE) -> "MediaService":
        """The service of a folder's media_service.toml (or its example)."""
        return cls(ServiceConfig.load(folder), ThumbnailCache(cache_folder()))

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
        items = arrange(self._source(source).items(), query)
        offset = max(offset, 0)
        end = None if limit is None else offset + max(limit, 0)
        return MediaPage(tuple(items[offset:end]), len(items), offset)

    def place(self, source: str, name: str, query: MediaQuery = _NEWEST_FIRST) -> MediaPlace:
        """An item's neighbours in a listing; one that the keyword leaves out stands alone."""
        item = self.find(source, name)
        names = [each.name for each in arrange(self._source(source).items(), query)]
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
        return self._source(source).find(name)

    def open(self, source: str, name: str) -> OpenedMedia:
        """The file, open for reading; the caller closes it."""
        return self._source(source).open(name)

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
        width = nearest_width(min(max(width, MIN_WIDTH), MAX_WIDTH))
        media = self.open(source, name)
        with media.stream as stream:
            if not is_drawable(media.item):
                raise NotAPictureError(f"There are no thumbnails of {media.item.content_type}.")
            key = _cache_key(os.fstat(stream.fileno()), width)
            cached = self._cache.get(key)
            if cached is not None:
                return Thumbnail(media.item, cached)
            with self._drawing:
                # Whoever waited may find that another request has drawn it meanwhile.
                drawn = self._cache.get(key)
                if drawn is None:
                    drawn = draw_thumbnail(stream, width)
                    self._cache.put(key, drawn)
        return Thumbnail(media.item, drawn)

    def _source(self, name: str) -> MediaSource:
        try:
            return self._sources[name]
        except KeyError:
            known = ", ".join(self._sources)
            message = f"There is no source called {name!r}."
            raise UnknownSourceError(message, f"The sources are: {known}.") from None


def is_drawable(item: MediaItem) -> bool:
    """Whether a thumbnail of an item can be made (an SVG is small and sharp at any size)."""
    return item.content_type.startswith("image/") and item.content_type != "image/svg+xml"


def as_data_url(content: bytes, content_type: str) -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode('ascii')}"


def _summary(source: MediaSource) -> SourceSummary:
    try:
        return SourceSummary(source.name, source.kind, len(source.items()))
    except MediaError as error:
        return SourceSummary(source.name, source.kind, 0, error.message)


def _cache_key(status: os.stat_result, width: int) -> str:
    """Names a file's content by device, inode, time and size: no path, and renaming keeps it."""
    parts = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size, width)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
