"""A file that this process writes, and of which others see that it does."""

import errno
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from video_api.open_file import OpenFile
from video_api.video import Facts

SPARE = 64 * 1024**2
"""Bytes that are left to others, first of all to the rows: these cannot be deleted without."""


class HeldFile:
    """A file that this process has locked."""

    def __init__(self, file: OpenFile, commit: Callable[[int], None]) -> None:
        self._file = file
        self._commit = commit

    async def write(self, data: bytes) -> None:
        await self._file.run(partial(_write, data=data))

    async def finish(self) -> None:
        """Nothing is kept back."""

    async def commit(self, facts: Facts, title: str) -> None:  # noqa: ARG002
        await self._file.run(self._commit)

    async def close(self) -> None:
        self._file.close()


def room(where: Path | int) -> int:
    """Return how many bytes may still be written to a disk, so that some are left."""
    disk = os.statvfs(where)
    spare = min(SPARE, disk.f_blocks * disk.f_frsize // 16)
    return disk.f_bavail * disk.f_frsize - spare


def _write(descriptor: int, data: bytes) -> None:
    if room(descriptor) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
