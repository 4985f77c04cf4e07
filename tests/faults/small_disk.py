"""A disk of a few hundred megabytes, and a way to have it full."""

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

MEGABYTES = 256

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
    return _done("mkfs.ext4", "-q", "-m", "0", image) and _done("mount", "-o", "loop", image, place)


def _mount_memory(place: Path) -> bool:
    return _done("mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", place)


def _done(*command: str | Path) -> bool:
    try:
        return not subprocess.run(command, capture_output=True, check=False).returncode
    except OSError:
        return False


class Full(threading.Thread):
    """Keeps a disk full, from its entry to its exit: also what others free there is taken."""

    def __init__(self, disk: Path) -> None:
        super().__init__()
        self._disk = disk
        self._files = [disk / "filler", disk / "fillings"]
        self._enough = threading.Event()

    def __enter__(self) -> "Full":
        with self._files[0].open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self._disk).free - 1024**2)
        self._fill()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.join()
        for file in self._files:
            file.unlink()

    def run(self) -> None:
        while not self._enough.wait(PAUSE):
            self._fill()

    def _fill(self) -> None:
        with self._files[1].open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 1024)
