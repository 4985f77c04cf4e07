"""Makes thumbnails of opened files, each once: as many at a time as there are cores."""

import hashlib
import os
import threading
from dataclasses import dataclass

from media_error import NotAPictureError
from media_item import MediaItem, OpenedMedia
from thumbnail import MAX_WIDTH, MIN_WIDTH, draw_thumbnail, nearest_width
from thumbnail_cache import ThumbnailCache


@dataclass(frozen=True)
class Thumbnail:
    """A WebP, and the item exactly as it was when the WebP was made of it."""

    item: MediaItem
    content: bytes


class Thumbnailer:
    """Draws what the cache does not have; safe to use from several threads."""

    def __init__(self, cache: ThumbnailCache) -> None:
        self._cache = cache
        # Decoding takes a core and much memory.
        self._drawing = threading.BoundedSemaphore(os.cpu_count() or 1)

    def thumbnail(self, media: OpenedMedia, width: int) -> Thumbnail:
        """A WebP of about that width, from the cache if the file is still the same."""
        if not is_drawable(media.item):
            raise NotAPictureError(f"There are no thumbnails of {media.item.content_type}.")
        width = nearest_width(min(max(width, MIN_WIDTH), MAX_WIDTH))
        key = _cache_key(os.fstat(media.stream.fileno()), width)
        content = self._cache.get(key)
        if content is None:
            with self._drawing:
                # Whoever waited may find that another request has drawn it meanwhile.
                content = self._cache.get(key)
                if content is None:
                    content = draw_thumbnail(media.stream, width)
                    self._cache.put(key, content)
        return Thumbnail(media.item, content)


def is_drawable(item: MediaItem) -> bool:
    """Whether a thumbnail of an item can be made (an SVG is small and sharp at any size)."""
    return item.content_type.startswith("image/") and item.content_type != "image/svg+xml"


def _cache_key(status: os.stat_result, width: int) -> str:
    """Names a file's content by device, inode, time and size: no path, and renaming keeps it."""
    parts = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size, width)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
