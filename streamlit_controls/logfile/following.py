"""Reads a log's lines, from its pieces into its live file and across rotations."""

import os
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from streamlit_controls.logfile.stream import Stream, piece

CHUNK = 1024 * 1024
"""Bytes read at once, and the longest line: a longer one is given in parts."""

GAP = "[lines are missing here: the log was rotated faster than it was read]"


def tail(path: Path, lines: int) -> Generator[str, None, None]:
    """Yield the last lines of a log, oldest first; one without its newline yet counts too."""
    reader = _Reader(path)
    try:
        reader.rewind(lines)
        yield from _lines(iter(reader.read, b""), flush=True)
    finally:
        reader.close()


def follow(
    path: Path, lines: int, wait: Callable[[], None] = lambda: time.sleep(0.1)
) -> Generator[str, None, None]:
    """Yield the last lines of a log and then each new one once it is whole, without end.

    A log that is not there yet is waited for. `wait` is called whenever there is nothing to read.
    """
    reader = _Reader(path)
    try:
        reader.rewind(lines)
        yield from _lines(_endless(reader, wait), flush=False)
    finally:
        reader.close()


def _endless(reader: "_Reader", wait: Callable[[], None]) -> Iterator[bytes | None]:
    while True:
        chunk = reader.read()
        if chunk == b"":
            wait()
        else:
            yield chunk


def _lines(chunks: Iterator[bytes | None], *, flush: bool) -> Iterator[str]:
    rest = b""
    inside = False  # after a gap: the rest of a line that began in it
    for chunk in chunks:
        if chunk is None:
            if rest:
                yield _text(rest)
            yield GAP
            rest, inside = b"", True
            continue
        first, *whole = (rest + chunk).split(b"\n")
        if not whole:
            rest = first
        else:
            if not inside:
                yield _text(first)
            inside = False
            *whole, rest = whole
            yield from map(_text, whole)
        if len(rest) >= CHUNK:
            yield _text(rest)
            rest = b""
    if flush and rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode(errors="replace")


class _Reader:
    """A place in a log, kept through rotations.

    The newest piece is held open, so that its inode is not used for another file; how far it has
    moved on at the next look tells how many bytes have left the live file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0
        self._live: int | None = None
        self._newest: int | None = None

    def rewind(self, lines: int) -> None:
        """Go to where the last lines begin."""
        live = self._open()
        if live is not None:
            with Stream.locked(self._path, live) as stream:
                self._hold_newest(stream)
                self._place = stream.last_lines(lines)

    def read(self) -> bytes | None:
        """Return the next bytes, nothing where there are none now, None for bytes that are lost."""
        live = self._open()
        if live is None:
            return b""
        with Stream.locked(self._path, live) as stream:
            if not self._keep_place(stream):
                return None
            data = stream.read(self._place, CHUNK)
        self._place += len(data)
        return data

    def close(self) -> None:
        for descriptor in (self._live, self._newest):
            if descriptor is not None:
                os.close(descriptor)
        self._live = self._newest = None

    def _open(self) -> int | None:
        """Return the live file, opened again where another has taken its place."""
        try:
            stat = self._path.stat()
            if self._live is None or not os.path.samestat(os.fstat(self._live), stat):
                live = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
                if self._live is not None:  # someone deleted the log
                    os.close(self._live)
                self._live, self._place = live, 0
        except FileNotFoundError:
            return None
        return self._live

    def _keep_place(self, stream: Stream) -> bool:
        """Take account of rotations since the last look; False where unread bytes are gone."""
        known = None if self._newest is None else os.fstat(self._newest)
        moved, met = 0, known is None
        for stat in stream.pieces:
            if known is not None and os.path.samestat(stat, known):
                met = True
                break
            moved += stat.st_size
        self._hold_newest(stream)
        place = self._place - moved
        # Where someone emptied the file, or deleted pieces, by hand, what follows is new.
        self._place = min(place, stream.end)
        met = met and (not moved or place <= stream.end)
        if (met or not stream.pieces) and self._place >= stream.start:
            return True
        self._place = stream.start
        return False

    def _hold_newest(self, stream: Stream) -> None:
        if self._newest is not None:
            os.close(self._newest)
            self._newest = None
        if stream.pieces:
            self._newest = os.open(piece(self._path, 1), os.O_RDONLY | os.O_CLOEXEC)
