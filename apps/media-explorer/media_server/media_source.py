"""Where media come from: a folder of files, or a list of links."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from media_config import SourceConfig
from media_error import LinkNotFetchedError, SourceUnavailableError, UnknownFileError
from media_item import MediaItem, OpenedMedia
from media_listing import matches
from media_type import content_type, suffix

SourceKind = Literal["folder", "links"]

# O_NONBLOCK: opening a pipe that somebody named pipe.png would wait for ever otherwise.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True)
class _Admitted:
    """A file that the source shows: where it really is, and what it is."""

    path: Path
    status: os.stat_result


class FolderSource:
    """The files of one folder (not of folders below it) that the types and the filter allow.

    Listing and opening ask the same question, `_admit`, so exactly what is listed can be opened.
    """

    kind: SourceKind = "folder"

    def __init__(self, name: str, folder: Path, media_types: frozenset[str], filter_: str) -> None:
        self.name = name
        self._folder = folder
        self._types = media_types
        self._filter = filter_

    def items(self) -> list[MediaItem]:
        root = self._root()
        try:
            names = os.listdir(root)  # noqa: PTH208  (names are wanted, not paths: 10,000 of them)
        except OSError:
            raise self._unavailable() from None
        return [_item(name, found.status) for name in names if (found := self._admit(root, name))]

    def find(self, name: str) -> MediaItem:
        return _item(name, self._find(name).status)

    def open(self, name: str) -> OpenedMedia:
        found = self._find(name)
        try:
            descriptor = os.open(found.path, _OPEN_FLAGS)
        except OSError:
            raise _unknown(name, self.name) from None
        stream = os.fdopen(descriptor, "rb")
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            stream.close()
            raise _unknown(name, self.name)
        return OpenedMedia(_item(name, status), stream)

    def _find(self, name: str) -> _Admitted:
        found = self._admit(self._root(), name)
        if found is None:
            raise _unknown(name, self.name)
        return found

    def _admit(self, root: Path, name: str) -> _Admitted | None:
        if not self._shows(name):
            return None
        path = root / name
        try:
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                path = path.resolve(strict=True)
                # A link must not turn notes.txt into a picture, nor lead out of the folder.
                if not (path.is_relative_to(root) and self._shows(path.name)):
                    return None
                status = path.lstat()
        except (OSError, RuntimeError, ValueError):
            return None
        return _Admitted(path, status) if stat.S_ISREG(status.st_mode) else None

    def _shows(self, name: str) -> bool:
        return _is_plain(name) and suffix(name) in self._types and matches(name, self._filter)

    def _root(self) -> Path:
        try:
            return self._folder.resolve(strict=True)
        except (OSError, RuntimeError):
            raise self._unavailable() from None

    def _unavailable(self) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"The folder of the source {self.name!r} cannot be read.",
            f"Check that the media_folder of {self.name!r} exists and may be read.",
        )


class LinkSource:
    """Links that the operator listed: shown by the browser, never fetched from here.

    MEDIA_TYPES says nothing about them (a link need not have a suffix); the filter does.
    """

    kind: SourceKind = "links"

    def __init__(self, name: str, links: tuple[str, ...], filter_: str) -> None:
        self.name = name
        named = zip(_link_names(links), links, strict=True)
        self._items = {
            name: MediaItem(name, "link", content_type(name), url=link)
            for name, link in named
            if matches(name, filter_)
        }

    def items(self) -> list[MediaItem]:
        return list(self._items.values())

    def find(self, name: str) -> MediaItem:
        if name not in self._items:
            raise _unknown(name, self.name)
        return self._items[name]

    def open(self, name: str) -> OpenedMedia:
        raise LinkNotFetchedError(
            f"{self.find(name).name!r} is a link, and links are not fetched from here.",
            "Open the item's own url.",
        )


MediaSource = FolderSource | LinkSource


def make_source(config: SourceConfig, media_types: frozenset[str]) -> MediaSource:
    if config.folder is None:
        return LinkSource(config.name, config.links, config.media_filter)
    return FolderSource(config.name, config.folder, media_types, config.media_filter)


def _is_plain(name: str) -> bool:
    """Whether a name is that of a visible file in this very folder, and can travel as text."""
    if not name or name.startswith(".") or set(name) & set("/\\\0"):
        return False
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes on the disk that are not UTF-8 have no URL
        return False
    return True


def _item(name: str, status: os.stat_result) -> MediaItem:
    return MediaItem(name, "file", content_type(name), status.st_size, status.st_mtime_ns)


def _link_names(links: tuple[str, ...]) -> list[str]:
    """A link's last path segment, else its host; numbered where two have the same."""
    names: dict[str, None] = {}
    for link in links:
        parts = urlsplit(link)
        last = unquote(parts.path.rstrip("/").rpartition("/")[2])
        last = "".join(c if c.isprintable() and c not in "/\\" else "_" for c in last)
        name = wanted = last if last.strip(".") else parts.hostname or link
        number = 1
        while name in names:
            number += 1
            name = f"{wanted} ({number})"
        names[name] = None
    return list(names)


def _unknown(name: str, source: str) -> UnknownFileError:
    return UnknownFileError(f"The source {source!r} shows no file called {name!r}.")
