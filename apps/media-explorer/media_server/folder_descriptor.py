"""Folders and files by open descriptors, so that no symbolic link can come in between."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW

# O_NONBLOCK: opening a pipe that somebody named pipe.png would wait for ever otherwise.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK

# A file system without hard links, a file of somebody else's (fs.protected_hardlinks), too many.
_NO_HARD_LINK = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def open_folder(name: str | Path, parent: int | None = None) -> int:
    """Open a folder (in an open one, where given), which must not be a link."""
    return os.open(name, _FOLDER_FLAGS, dir_fd=parent)


@contextmanager
def opened_folder(name: str | Path, parent: int | None = None) -> Iterator[int]:
    """A folder that is open for as long as it is needed."""
    descriptor = open_folder(name, parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def names_in(folder: int) -> list[str]:
    """The names in an open folder, in no order."""
    return os.listdir(folder)


def open_below(root: int, relative: Path) -> int:
    """Open a file below an open folder for reading, without following a link at any step."""
    *folders, name = relative.parts
    if not folders:
        return os.open(name, _FILE_FLAGS, dir_fd=root)
    with opened_folder(folders[0], root) as folder:
        return open_below(folder, Path(*folders[1:], name))


def move_unless_taken(name: str, source: int, target: int) -> None:
    """Move a file from one open folder to another; FileExistsError if the name is taken there."""
    try:
        os.link(name, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINK:
            raise
        _move_onto_placeholder(name, source, target)
        return
    try:
        with suppress(FileNotFoundError):  # emptied meanwhile: what was restored stays
            os.unlink(name, dir_fd=source)
    except OSError:
        os.unlink(name, dir_fd=target)  # better not restored than there twice
        raise


def _move_onto_placeholder(name: str, source: int, target: int) -> None:
    """As renaming overwrites, take the name first with an empty file that is ours to overwrite."""
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=target))
    try:
        os.rename(name, name, src_dir_fd=source, dst_dir_fd=target)
    except OSError:
        os.unlink(name, dir_fd=target)
        raise
