"""A source of files: one folder, of which exactly what is listed can be opened and deleted."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from folder_descriptor import names_in, open_below, open_folder
from media_error import LinkBrokenError, SourceUnavailableError, UnknownFileError
from media_item import MediaItem, OpenedMedia, SourceKind, TrashedItem
from media_listing import matches
from media_type import content_type
from trash import Trash

_SURROGATE = re.compile("[\ud800-\udfff]")


class _Root(NamedTuple):
    """The source's folder while it is open: where it really is, and its descriptor."""

    path: Path
    descriptor: int


class _Admitted(NamedTuple):
    """A file that the source shows: where below the folder it really is, and what it is."""

    relative: str
    status: os.stat_result


class FolderSource:
    """The files of one folder (not of folders below it) that the types and the filter allow.

    Listing, opening and deleting ask the same question, `_admit`.
    """

    kind: SourceKind = "folder"

    def __init__(self, name: str, folder: Path, media_types: frozenset[str], filter_: str) -> None:
        self.name = name
        self._folder = folder
        self._endings = tuple(f".{each}" for each in media_types)
        self._filter = filter_
        self._trash = Trash(name, self._shows)

    def items(self) -> list[MediaItem]:
        with self._opened() as root:
            admitted = ((name, self._admit(root, name)) for name in self._names(root))
            return [_item(name, found.status) for name, found in admitted if found]

    def count(self) -> int:
        """How many there are in `items`, mostly without asking for the status of each."""
        with self._opened() as root:
            try:
                with os.scandir(root.descriptor) as entries:
                    return sum(self._counts(root, entry) for entry in entries)
            except OSError:
                raise self._unavailable() from None

    def find(self, name: str) -> MediaItem:
        with self._opened() as root:
            return _item(name, self._find(root, name).status)

    def open(self, name: str) -> OpenedMedia:
        with self._opened() as root:
            found = self._find(root, name)
            try:
                descriptor = open_below(root.descriptor, Path(found.relative))
            except OSError:
                raise self._unknown(name) from None
        stream = os.fdopen(descriptor, "rb")
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            stream.close()
            raise self._unknown(name)
        return OpenedMedia(_item(name, status), stream)

    def delete(self, name: str) -> TrashedItem:
        """Move the file into the trash; of a symbolic link, the link itself."""
        with self._opened() as root:
            self._find(root, name)
            return self._trash.put(root.descriptor, name)

    def trash(self) -> tuple[TrashedItem, ...]:
        with self._opened() as root:
            return self._trash.items(root.descriptor)

    def restore(self, trash_id: str) -> MediaItem:
        with self._opened() as root:
            target = self._trash.link_target(root.descriptor, trash_id)
            if target is not None and self._follow(root, target) is None:
                raise LinkBrokenError(
                    "This is a symbolic link, and it no longer leads to a file that may be shown.",
                    "If that file is in the trash, restore it first.",
                )
            name = self._trash.restore(root.descriptor, trash_id)
            return _item(name, self._find(root, name).status)

    def empty_trash(self) -> tuple[TrashedItem, ...]:
        """Remove for good what `trash` lists, and return it."""
        with self._opened() as root:
            return self._trash.empty(root.descriptor)

    def _find(self, root: _Root, name: str) -> _Admitted:
        found = self._admit(root, name)
        if found is None:
            raise self._unknown(name)
        return found

    def _counts(self, root: _Root, entry: os.DirEntry[str]) -> bool:
        if entry.is_symlink():
            return self._admit(root, entry.name) is not None
        return self._shows(entry.name) and entry.is_file(follow_symlinks=False)

    def _admit(self, root: _Root, name: str) -> _Admitted | None:
        if not self._shows(name):
            return None
        try:
            status = os.lstat(name, dir_fd=root.descriptor)
        except OSError:
            return None
        if stat.S_ISLNK(status.st_mode):
            return self._follow(root, name)
        return _Admitted(name, status) if stat.S_ISREG(status.st_mode) else None

    def _follow(self, root: _Root, target: str) -> _Admitted | None:
        """What a symbolic link leads to, if that is below the folder and may be shown itself.

        A link must not turn notes.txt into a picture, nor lead out of the folder or into the trash.
        """
        try:
            path = (root.path / target).resolve(strict=True)
            status = path.lstat()
        except (OSError, RuntimeError):
            return None
        if not (path.is_relative_to(root.path) and self._shows(path.name)):
            return None
        relative = path.relative_to(root.path)
        hidden = any(part.startswith(".") for part in relative.parts)
        if hidden or not stat.S_ISREG(status.st_mode):
            return None
        return _Admitted(str(relative), status)

    def _shows(self, name: str) -> bool:
        return (
            name.lower().endswith(self._endings) and _is_plain(name) and matches(name, self._filter)
        )

    def _names(self, root: _Root) -> list[str]:
        try:
            return names_in(root.descriptor)
        except OSError:
            raise self._unavailable() from None

    @contextmanager
    def _opened(self) -> Iterator[_Root]:
        try:
            path = self._folder.resolve(strict=True)
            descriptor = open_folder(path)
        except (OSError, RuntimeError):
            raise self._unavailable() from None
        try:
            yield _Root(path, descriptor)
        finally:
            os.close(descriptor)

    def _unavailable(self) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"The folder of the source {self.name!r} cannot be read.",
            f"Check that the media_folder of {self.name!r} exists and may be read.",
        )

    def _unknown(self, name: str) -> UnknownFileError:
        return UnknownFileError(f"The source {self.name!r} shows no file called {name!r}.")


def _is_plain(name: str) -> bool:
    """Whether a name is that of a visible file in this very folder, and can travel as text."""
    if name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
        return False
    # Bytes on the disk that are not UTF-8 become lone surrogates, and those have no URL.
    return name.isascii() or not _SURROGATE.search(name)


def _item(name: str, status: os.stat_result) -> MediaItem:
    return MediaItem(name, "file", content_type(name), status.st_size, status.st_mtime_ns)
