"""What an MP4 file says of itself, from its boxes (ISO/IEC 14496-12); nothing of it is decoded.

All of it comes from strangers: each size is checked against what is around it, and the number of
boxes that are looked at is bounded.
"""

import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

SNIFFED = 12
"""Bytes that tell whether a file may be an MP4 at all."""
MOST_BOXES = 200_000
MOST_TRACKS = 64
MOST_PIXELS = 16_384
_UNKNOWN = (0, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)

ReadAt = Callable[[int, int], Awaitable[bytes]]
"""Returns so many bytes (the second) from an offset on (the first), or fewer at the end."""


class NotPlayable(Exception):
    """The file is no whole MP4 with a picture; the message says why, for people."""


@dataclass(frozen=True)
class Picture:
    """How long it lasts (in seconds, if the file says so), and its size in pixels."""

    duration: float | None
    width: int
    height: int


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    """Of what it contains."""
    end: int


def is_mp4(first: bytes) -> bool:
    """Tell by its first bytes whether a file may be an MP4: these begin with an `ftyp` box."""
    return len(first) >= SNIFFED and first[4:8] == b"ftyp" and int.from_bytes(first[:4]) >= SNIFFED


async def inspect(read_at: ReadAt, size: int) -> Picture:
    """Return what the file says of its picture; raise NotPlayable."""
    walk = _Walk(_Window(read_at, size))
    movie, has_media = None, False
    async for box in walk.boxes(0, size):
        if box.kind == b"moov":
            movie = box
        has_media = has_media or (box.kind == b"mdat" and box.end > box.start)
    if movie is None:
        raise NotPlayable("The file has no description of its contents (moov): it is not whole.")
    if not has_media:
        raise NotPlayable("The file has a description, but no contents (mdat).")
    return await _movie(walk, movie)


async def _movie(walk: "_Walk", movie: _Box) -> Picture:
    duration, fragmented, has_header, sizes = None, False, False, []
    tracks = 0
    async for box in walk.boxes(movie.start, movie.end):
        match box.kind:
            case b"mvhd":
                has_header, duration = True, await _duration(walk, box)
            case b"mvex":
                fragmented = True
            case b"trak":
                tracks += 1
                if tracks > MOST_TRACKS:
                    raise NotPlayable("The file has too many tracks.")
                sizes.append(await _track(walk, box))
    pictures = [each for each in sizes if each and all(0 < side <= MOST_PIXELS for side in each)]
    if not has_header:
        raise NotPlayable("The file does not say how long it lasts (mvhd).")
    if not pictures:
        raise NotPlayable("The file has no picture, only sound or nothing at all.")
    if duration is None and not fragmented:
        raise NotPlayable("The file lasts no time at all.")
    return Picture(duration, *pictures[0])


async def _duration(walk: "_Walk", box: _Box) -> float | None:
    """Return the seconds that mvhd tells; None where it leaves them to the fragments."""
    data = await walk.content(box, 32)
    form, at = (">IQ", 20) if data[:1] == b"\1" else (">II", 12)
    scale, length = _unpacked(form, data, at)
    if not scale:
        raise NotPlayable("The file's time scale is zero (mvhd).")
    return None if length in _UNKNOWN else length / scale


async def _track(walk: "_Walk", track: _Box) -> tuple[int, int] | None:
    """Return the size of a track's picture as it is shown; None for one of sound or text."""
    size, is_video = None, False
    async for box in walk.boxes(track.start, track.end):
        if box.kind == b"tkhd":
            size = _shown(await walk.content(box, 96))
        elif box.kind == b"mdia":
            async for inner in walk.boxes(box.start, box.end):
                if inner.kind == b"hdlr":
                    is_video = (await walk.content(inner, 12))[8:12] == b"vide"
    return size if is_video else None


def _shown(header: bytes) -> tuple[int, int]:
    """Return the size in tkhd, turned if its matrix turns the picture by a quarter."""
    at = 52 if header[:1] == b"\1" else 40
    a, _, _, _, d = _unpacked(">5i", header, at)
    width, height = (side >> 16 for side in _unpacked(">II", header, at + 36))
    return (height, width) if a == d == 0 else (width, height)


def _unpacked(form: str, data: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except struct.error:
        raise NotPlayable("The file's description is cut short.") from None


class _Walk:
    """Goes from box to box, a bounded number in all."""

    def __init__(self, window: "_Window") -> None:
        self._window = window
        self._left = MOST_BOXES

    async def boxes(self, start: int, end: int) -> AsyncIterator[_Box]:
        """Yield the boxes from one offset to another, which they must fill."""
        while start < end:
            self._left -= 1
            if self._left < 0:
                raise NotPlayable("The file has too many boxes.")
            box = await self._box(start, end)
            yield box
            start = box.end

    async def content(self, box: _Box, most: int) -> bytes:
        return await self._window.read(box.start, min(most, box.end - box.start))

    async def _box(self, start: int, end: int) -> _Box:
        head = await self._window.read(start, min(16, end - start))
        if len(head) < 8:
            # A few zero bytes at the end of a list of boxes are an old habit of QuickTime's.
            if not any(head):
                return _Box(b"free", end, end)
            raise NotPlayable(f"The file is damaged, or cut short, at byte {start}.")
        size, kind, header = int.from_bytes(head[:4]), head[4:8], 8
        if size == 1:
            size, header = int.from_bytes(head[8:16]), 16
        elif size == 0:
            size = end - start
        if not header <= size <= end - start:
            raise NotPlayable(f"The file is damaged, or cut short, at byte {start}.")
        return _Box(kind, start + header, start + size)


class _Window:
    """Keeps what was read last: boxes that are looked at one after the other are small."""

    LENGTH = 64 * 1024

    def __init__(self, read_at: ReadAt, size: int) -> None:
        self._read_at = read_at
        self._size = size
        self._start, self._data = 0, b""

    async def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the file, fewer at its end."""
        end = min(offset + length, self._size)
        if not self._start <= offset <= end <= self._start + len(self._data):
            wanted = min(self.LENGTH, self._size - offset)
            self._start, self._data = offset, await self._read_at(offset, wanted)
        return self._data[offset - self._start : end - self._start]
