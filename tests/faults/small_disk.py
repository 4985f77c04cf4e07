"""A disk of a few hundred megabytes, and a way to have it full."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

MEGABYTES = 256
FILES = 8192
"""Files that there is room for: most of ours are front-end files."""

PAUSE = 0.02
"""Seconds after which what has become free is filled again."""


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a disk of its own: ext4 in a file, else memory, else skip the test."""
    place, image = folder / "disk", folder / "disk.img"
    place.mkdir()
    if not (_mount_image(image, place) or _mount_memory(place)):
        pytest.skip("a small disk cannot be mounted here: that takes root")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)
        image.unlink(missing_ok=True)


def _mount_image(image: Path, place: Path) -> bool:
    image.touch()
    os.truncate(image, MEGABYTES * 1024**2)
    return _done("mkfs.ext4", "-q", "-m", "0", "-N", f"{FILES}", image) and _done(
        "mount", "-o", "loop", image, place
    )


def _mount_memory(place: Path) -> bool:
    return _done(
        "mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,nr_inodes={FILES}", "tmpfs", place
    )


def _done(*command: str | Path) -> bool:
    try:
        return not subprocess.run(command, capture_output=True, check=False).returncode
    except OSError:
        return False


class Filled(threading.Thread, ABC):
    """Keeps a disk full, from its entry to its exit: also what others free there is taken."""

    def __init__(self, disk: Path) -> None:
        super().__init__()
        self._disk = disk
        self._folder = disk / "filler"
        self._enough = threading.Event()

    def __enter__(self) -> Self:
        self._folder.mkdir()
        self.fill()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.join()
        shutil.rmtree(self._folder)

    def run(self) -> None:
        while not self._enough.wait(PAUSE):
            self.fill()

    @abstractmethod
    def fill(self) -> None:
        """Take all that is left."""


class Crowded(Filled):
    """Takes all files that there is room for, and none of the bytes."""

    def fill(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                os.close(tempfile.mkstemp(dir=self._folder)[0])


class Full(Filled):
    """Takes all bytes."""

    def fill(self) -> None:
        most, rest = self._folder / "most", self._folder / "rest"
        if not most.exists():
            with most.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self._disk).free - 1024**2)
        with rest.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 1024)
