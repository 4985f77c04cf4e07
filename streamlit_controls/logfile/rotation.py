"""Bounds a log that other processes have open, without their help and without losing a line.

Linux can take blocks off the head of a file (FALLOC_FL_COLLAPSE_RANGE: ext4, xfs) while others
append to it: nothing is lost, whatever they write meanwhile. On other file systems (tmpfs, btrfs)
the file is copied and truncated: what is written in the microseconds between the last look and the
truncation is lost. No way without the writers' help avoids that.

A rotation that is killed between its steps leaves bytes in two places, never in none.
"""

import ctypes
import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit_controls.logfile.stream import piece

FALLOC_FL_COLLAPSE_RANGE = 0x08
_UNSUPPORTED = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EPERM}


def rotate(path: Path, max_bytes: int, keep: int) -> bool:
    """Move the head of a log that is larger than `max_bytes` into a piece; keep `keep` pieces.

    Moves at most `max_bytes`, so a log that grew far beyond wants calls until the answer is False.
    It is False too while a reader holds the lock, which it does for microseconds: never waits.
    With fewer than 2 pieces a follower could not tell how far the log has moved.
    """
    if keep < 2:
        raise ValueError("keep at least 2 pieces")
    try:
        live = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        with _locked(live) as mine:
            length = _head(live, max_bytes) if mine else 0
            if length:
                _move(live, length, path, keep)
            return length > 0
    finally:
        os.close(live)


def collapse(descriptor: int, length: int) -> bool:
    """Take `length` bytes, whole blocks, off a file's head; False where that cannot be done."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate64.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    if libc.fallocate64(descriptor, FALLOC_FL_COLLAPSE_RANGE, 0, length) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code))


@contextmanager
def _locked(descriptor: int) -> Iterator[bool]:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _head(descriptor: int, max_bytes: int) -> int:
    size = os.fstat(descriptor).st_size
    if size <= max_bytes:
        return 0
    block = os.fstatvfs(descriptor).f_bsize
    # What is collapsed may not reach the end of the file, hence the byte less.
    return min(size - 1, max(max_bytes, block)) // block * block


def _move(live: int, length: int, path: Path, keep: int) -> None:
    fresh = path.with_name(f"{path.name}.new")
    target = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        _copy(live, target, 0, length)
        os.fsync(target)
        for number in range(keep - 1, 0, -1):
            if piece(path, number).exists():
                piece(path, number).replace(piece(path, number + 1))
        fresh.replace(piece(path, 1))
        if not collapse(live, length):
            _truncate(live, target, length)
    finally:
        os.close(target)
        fresh.unlink(missing_ok=True)


def _truncate(live: int, target: int, copied: int) -> None:
    while (size := os.fstat(live).st_size) > copied:
        _copy(live, target, copied, size - copied)
        copied = size
    os.ftruncate(live, 0)


def _copy(source: int, target: int, offset: int, length: int) -> None:
    end = offset + length
    while offset < end:
        sent = os.sendfile(target, source, offset, end - offset)
        if sent == 0:  # someone else truncated the log
            return
        offset += sent
