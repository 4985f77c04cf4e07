"""The deleted files of one folder: each is in .trash/<id>/<name> of that very folder.

Moving within one file system loses nothing and costs no room. Every step is taken from an open
folder, never by a path: whatever becomes a symbolic link meanwhile leads nowhere else.
"""

import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from folder_descriptor import move_unless_taken, names_in, opened_folder
from media_error import (
    MediaError,
    NameTakenError,
    ReadOnlyError,
    TrashUnusableError,
    UnknownFileError,
    UnknownTrashError,
)
from media_item import TrashedItem
from media_type import content_type

FOLDER = ".trash"

# The time of deletion in nanoseconds, and what tells two of the same moment apart.
_ID = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}", re.ASCII)

_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class Trash:
    """Puts files of an open folder `root` away and gives them back.

    `shows` says which names belong to the source: another source may share the folder.
    """

    def __init__(
        self, source: str, shows: Callable[[str], bool], clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._source = source
        self._shows = shows
        self._clock = clock

    def put(self, root: int, name: str) -> TrashedItem:
        """Move a file (a symbolic link itself) out of `root`; UnknownFileError if it is gone."""
        trash_id = f"{self._clock():016x}-{secrets.token_hex(4)}"
        gone = UnknownFileError(f"The source {self._source!r} shows no file called {name!r}.")
        with self._reasons(gone):
            with suppress(FileExistsError):
                os.mkdir(FOLDER, 0o700, dir_fd=root)
            with opened_folder(FOLDER, root) as trash:
                os.mkdir(trash_id, 0o700, dir_fd=trash)
                try:
                    with opened_folder(trash_id, trash) as place:
                        os.rename(name, name, src_dir_fd=root, dst_dir_fd=place)
                        return _item(trash_id, name, os.lstat(name, dir_fd=place))
                finally:
                    _remove_if_empty(trash_id, trash)

    def items(self, root: int) -> tuple[TrashedItem, ...]:
        """What can be restored; what was deleted last comes first."""
        with suppress(UnknownTrashError), self._opened(root) as trash:
            ids = sorted(names_in(trash), reverse=True)
            return tuple(item for each in ids if (item := self._look(trash, each)))
        return ()

    def link_target(self, root: int, trash_id: str) -> str | None:
        """What a deleted symbolic link leads to, as it is written in it; None for a file."""
        with self._opened(root) as trash:
            name = self._known(trash, trash_id).name
            with opened_folder(trash_id, trash) as place:
                is_link = stat.S_ISLNK(os.lstat(name, dir_fd=place).st_mode)
                return os.readlink(name, dir_fd=place) if is_link else None

    def restore(self, root: int, trash_id: str) -> str:
        """Move a file back and return its name; NameTakenError if there is one again."""
        with self._opened(root) as trash:
            name = self._known(trash, trash_id).name
            try:
                with opened_folder(trash_id, trash) as place:
                    move_unless_taken(name, place, root)
            except FileExistsError:
                raise NameTakenError(
                    f"There is a file called {name!r} again.", "Delete that one first."
                ) from None
            _remove_if_empty(trash_id, trash)
            return name

    def empty(self, root: int) -> tuple[TrashedItem, ...]:
        """Remove for good what can be restored; what others restored meanwhile is not counted."""
        removed = []
        with suppress(UnknownTrashError), self._opened(root) as trash:
            for item in self.items(root):
                with suppress(FileNotFoundError), opened_folder(item.id, trash) as place:
                    os.unlink(item.name, dir_fd=place)
                    removed.append(item)
                _remove_if_empty(item.id, trash)
        return tuple(removed)

    def _known(self, trash: int, trash_id: str) -> TrashedItem:
        item = self._look(trash, trash_id)
        if item is None:
            raise self._unknown()
        return item

    def _look(self, trash: int, trash_id: str) -> TrashedItem | None:
        """What is in a folder of the trash, if this source would have shown it."""
        if not _ID.fullmatch(trash_id):
            return None
        try:
            with opened_folder(trash_id, trash) as place:
                names = names_in(place)
                if len(names) != 1 or not self._shows(names[0]):
                    return None
                status = os.lstat(names[0], dir_fd=place)
        except OSError:
            return None
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            return None
        return _item(trash_id, names[0], status)

    @contextmanager
    def _opened(self, root: int) -> Iterator[int]:
        with self._reasons(self._unknown()), opened_folder(FOLDER, root) as trash:
            yield trash

    @contextmanager
    def _reasons(self, missing: MediaError) -> Iterator[None]:
        """Say why a step failed, without the path that the system's own error names."""
        try:
            yield
        except FileNotFoundError:
            raise missing from None
        except OSError as error:
            if error.errno in _FORBIDDEN:
                raise ReadOnlyError(
                    f"The media server may not change the folder of {self._source!r}.",
                    "Let the server's user write to that folder.",
                ) from None
            raise TrashUnusableError(
                f"The trash of {self._source!r} cannot be used: {os.strerror(error.errno or 0)}.",
                f"{FOLDER} in the source's folder must be a folder on the same disk.",
            ) from None

    def _unknown(self) -> UnknownTrashError:
        return UnknownTrashError(f"The trash of {self._source!r} has nothing of that id.")


def _item(trash_id: str, name: str, status: os.stat_result) -> TrashedItem:
    deleted = datetime.fromtimestamp(int(trash_id.partition("-")[0], 16) / 1e9, tz=UTC)
    return TrashedItem(trash_id, name, content_type(name), status.st_size, deleted)


def _remove_if_empty(trash_id: str, trash: int) -> None:
    with suppress(OSError):
        os.rmdir(trash_id, dir_fd=trash)
