"""MP4 files by hand, box by box: also such as no program writes."""

import struct

FTYP = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"


def box(kind: bytes, content: bytes = b"", *, size: int | None = None) -> bytes:
    """Return a box; `size` is what it says, if that is to be another than it has."""
    return struct.pack(">I4s", 8 + len(content) if size is None else size, kind) + content


def large_box(kind: bytes, content: bytes = b"", *, size: int | None = None) -> bytes:
    """Return a box whose size is in 64 bits."""
    length = 16 + len(content) if size is None else size
    return struct.pack(">I4sQ", 1, kind, length) + content


def mvhd(duration: int = 3000, scale: int = 1000, *, version: int = 0) -> bytes:
    times = struct.pack(">QQIQ" if version else ">IIII", 0, 0, scale, duration)
    return box(b"mvhd", bytes([version, 0, 0, 0]) + times + bytes(80))


def tkhd(width: int = 640, height: int = 360, *, version: int = 0, turned: bool = False) -> bytes:
    one = 1 << 16
    turn = (0, one, 0, -one, 0) if turned else (one, 0, 0, 0, one)
    times = struct.pack(">QQIIQ" if version else ">IIIII", 0, 0, 1, 0, 0)
    shown = struct.pack(">9i", *turn, 0, 0, 0, 1 << 30) + struct.pack(
        ">II", width << 16, height << 16
    )
    return box(b"tkhd", bytes([version, 0, 0, 0]) + times + bytes(16) + shown)


def trak(header: bytes | None = None, handler: bytes = b"vide") -> bytes:
    hdlr = box(b"hdlr", bytes(8) + handler + bytes(13))
    return box(b"trak", (tkhd() if header is None else header) + box(b"mdia", hdlr))


def moov(*content: bytes) -> bytes:
    return box(b"moov", b"".join(content or (mvhd(), trak())))


def movie(*content: bytes) -> bytes:
    """Return a file of these boxes after the first; without any, one that is good."""
    return FTYP + b"".join(content or (moov(), box(b"mdat", b"pictures")))


def padded(video: bytes, size: int) -> bytes:
    """Return a video that is as good, with zeros after it in a box that players skip."""
    return video + box(b"free", bytes(size - len(video) - 8))
