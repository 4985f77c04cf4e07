"""A log as one stream of bytes, as it is while its lock is held.

Places are counted from the start of the live file; below 0 they lie in the pieces.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

BLOCK = 64 * 1024


@dataclass(frozen=True)
class Stream:
    """The live file and the pieces before it, newest first."""

    path: Path
    live: int
    pieces: tuple[os.stat_result, ...]
    end: int

    @classmethod
    @contextmanager
    def locked(cls, path: Path, live: int) -> Iterator[Self]:
        """Hold rotation off and give the stream as it stands."""
        fcntl.flock(live, fcntl.LOCK_SH)
        try:
            yield cls(path, live, tuple(_pieces(path)), os.fstat(live).st_size)
        finally:
            fcntl.flock(live, fcntl.LOCK_UN)

    @property
    def start(self) -> int:
        """The place of the oldest byte that is still there."""
        return -sum(each.st_size for each in self.pieces)

    def read(self, place: int, length: int) -> bytes:
        """Return bytes from a place on, at most up to the end of the file that holds it."""
        if place >= 0:
            return os.pread(self.live, length, place)
        end = 0
        for number, stat in enumerate(self.pieces, 1):
            start = end - stat.st_size
            if start <= place:
                with piece(self.path, number).open("rb") as file:
                    file.seek(place - start)
                    return file.read(min(length, end - place))
            end = start
        raise ValueError(f"{place} is before the oldest byte")

    def last_lines(self, count: int) -> int:
        """Return the place where the last lines begin; an unfinished one counts."""
        newlines = count + (self._range(max(self.start, self.end - 1), self.end) == b"\n")
        end = self.end
        while end > self.start and newlines > 0:
            start = max(self.start, end - BLOCK)
            block = self._range(start, end)
            at = len(block)
            while newlines and (at := block.rfind(b"\n", 0, at)) >= 0:
                newlines -= 1
            if not newlines:
                return start + at + 1
            end = start
        return end

    def _range(self, start: int, end: int) -> bytes:
        parts = bytearray()
        while start + len(parts) < end:
            part = self.read(start + len(parts), end - start - len(parts))
            if not part:
                break
            parts += part
        return bytes(parts)


def piece(path: Path, number: int) -> Path:
    """Return where a log's piece lies; number 1 is the newest."""
    return path.with_name(f"{path.name}.{number}")


def _pieces(path: Path) -> Iterator[os.stat_result]:
    number = 1
    while True:
        try:
            yield piece(path, number).stat()
        except FileNotFoundError:
            return
        number += 1
