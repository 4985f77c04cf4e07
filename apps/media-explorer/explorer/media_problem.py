"""Turns what the media server's modules raise into what the page shows."""

from collections.abc import Iterator
from contextlib import contextmanager

import explorer.media_modules  # noqa: F401  (puts the next one on the path)
from explorer.gallery import GalleryError
from media_error import MediaError, UnknownFileError, UnknownSourceError


@contextmanager
def translated() -> Iterator[None]:
    """Whatever MediaError is raised inside leaves as a GalleryError."""
    try:
        yield
    except MediaError as error:
        gone = isinstance(error, UnknownFileError | UnknownSourceError)
        raise GalleryError(error.message, error.hint, gone=gone) from None
