"""What a package that lies on this disk consists of, as one short word."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from streamlit_controls.core.environment import OWN_FOLDERS

MOST_FILES = 2000
"""Files of one package that count."""

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of one package that are read; what is beyond counts by its size and date."""

SKIPPED = frozenset({*OWN_FOLDERS, "__pycache__", "node_modules"})
MADE_BY_BUILDS = frozenset({"build", "dist"})
"""Folders that some build backends leave beside what they build."""


def contents(path: Path) -> str | None:
    """Return the digest of a file, or of the files in a folder; None where there is neither."""
    if path.is_dir():
        files = _files(path)
    elif path.is_file():
        files = iter([path])
    else:
        return None
    found, left = hashlib.sha256(), MOST_BYTES
    for number, file in enumerate(files):
        if number == MOST_FILES:
            break
        data = _look(file, left)
        left -= len(data)
        name = os.path.relpath(file, path)
        found.update(f"{name}\0{len(data)}\0".encode(errors="surrogateescape") + data)
    return found.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files that people wrote, in an order that is always the same."""
    for where, folders, names in os.walk(folder):
        top = Path(where) == folder
        folders[:] = sorted(each for each in folders if _counts(each, top=top))
        yield from (Path(where, each) for each in sorted(names) if not each.startswith("."))


def _counts(folder: str, *, top: bool) -> bool:
    if folder.startswith(".") or folder in SKIPPED or folder.endswith(".egg-info"):
        return False
    return not (top and folder in MADE_BY_BUILDS)


def _look(path: Path, most: int) -> bytes:
    """Return what a file says, or else how it looks."""
    try:
        # Opening a pipe that nobody writes to would never end.
        with open(
            path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)
        ) as file:
            look = os.fstat(file.fileno())
            if stat.S_ISREG(look.st_mode) and look.st_size <= most:
                return file.read(most)
    except OSError as error:
        return str(error.strerror).encode()
    return f"{look.st_mode} {look.st_size} {look.st_mtime_ns}".encode()
