"""Bounds a log that other processes have open, without their help and without losing a line.

Linux can take blocks off the head of a file (FALLOC_FL_COLLAPSE_RANGE: ext4, xfs) while others
append to it: nothing is lost, whatever they write meanwhile. On other file systems (tmpfs, btrfs)
the file is copied and truncated: what is written in the microseconds between the last look and the
truncation is lost. No way without the writers' help avoids that.

A rotation that is killed between its steps leaves bytes in two places, never in none. Where there
is no room for a piece, the oldest lines go.
"""

import ctypes
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit_controls.logfile.stream import piece

FALLOC_FL_COLLAPSE_RANGE = 0x08
_UNSUPPORTED = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EPERM}
_FULL = {errno.ENOSPC, errno.EDQUOT}

LAST_WORDS = 64 * 1024
"""Bytes that are kept of a log of which no piece can be made."""

CATCHING_UP = 16 * 1024 * 1024
"""Bytes that may be written while a log is copied before it is truncated even so."""

TRIES, PAUSE = 5, 0.002
"""How often a log's lock is asked for, and the seconds between; readers hold it for less."""


def rotate(path: Path, max_bytes: int, keep: int) -> int:
    """Bring a log down to `max_bytes` by moving its head into pieces; keep `keep` pieces.

    Returns the bytes that have left the live file, at first 0 where a reader holds the lock. What
    this does is bounded, however fast the log grows meanwhile: what is older than the pieces that
    are kept is cut off without being copied. With fewer than 2 pieces a follower could not tell how
    far the log has moved.
    """
    if keep < 2:
        raise ValueError("keep at least 2 pieces")
    try:
        live = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        if os.fstat(live).st_size <= max_bytes:
            return 0
        with _locked(live) as mine:
            return _Rotation(path, live, max_bytes, keep).run() if mine else 0
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
    for _ in range(TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            time.sleep(PAUSE)
    else:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class _Rotation:
    """One rotation of a log whose lock is held.

    `offset` is where the head begins that is not moved yet: above 0 only where the file system
    cannot take it off, so that all of it goes at the end.
    """

    def __init__(self, path: Path, live: int, max_bytes: int, keep: int) -> None:
        block = os.fstatvfs(live).f_bsize
        self._path = path
        self._live = live
        self._keep = keep
        self._step = max(max_bytes, block) // block * block
        self._offset = 0
        self._moved = 0

    def run(self) -> int:
        # What is collapsed may not reach the end of the file, hence the byte less.
        count = (os.fstat(self._live).st_size - 1) // self._step
        if count > self._keep:
            # Between the pieces before and those that come now, lines are missing.
            self._forget(1)
            self._cut((count - self._keep) * self._step)
        for _ in range(min(count, self._keep)):
            self._move()
        if self._offset:
            self._truncate()
        return self._moved

    def _move(self) -> None:
        """Make the next piece, of what comes first in the live file."""
        self._forget(self._keep)
        fresh = self._path.with_name(f"{self._path.name}.new")
        target = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            # Where there is no room, the piece stays empty, and shows that lines are missing.
            self._copy_to(target, self._offset, self._step)
            os.fsync(target)
            self._shift()
            fresh.replace(piece(self._path, 1))
            self._cut(self._step)
        finally:
            os.close(target)
            fresh.unlink(missing_ok=True)

    def _cut(self, length: int) -> None:
        """Take what is copied, or given up, off the live file."""
        if self._offset or not collapse(self._live, length):
            self._offset += length
        self._moved += length

    def _truncate(self) -> None:
        """Move all the rest into the newest piece, with what is written meanwhile, and no more."""
        start, most = self._offset, self._offset + self._step + CATCHING_UP
        target = os.open(piece(self._path, 1), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.lseek(target, 0, os.SEEK_END)
            while start < (end := min(os.fstat(self._live).st_size, most)):
                if not self._copy_to(target, start, end - start):
                    break
                start = end
            end = os.fstat(self._live).st_size
            lost = os.pread(self._live, LAST_WORDS, max(start, end - LAST_WORDS))
            os.ftruncate(self._live, 0)
            os.write(target, lost)
            self._moved += end - self._offset
        finally:
            os.close(target)

    def _copy_to(self, target: int, offset: int, length: int) -> bool:
        """Append a part of the live file to another; False where there is no room for it.

        All pieces before it are given up then.
        """
        begin = os.lseek(target, 0, os.SEEK_CUR)
        while True:
            try:
                _copy(self._live, target, offset, length)
                return True
            except OSError as error:
                if error.errno not in _FULL:
                    raise
            os.ftruncate(target, begin)
            os.lseek(target, begin, os.SEEK_SET)
            if not self._forget_oldest(target):
                return False

    def _shift(self) -> None:
        for number in range(self._keep - 1, 0, -1):
            if piece(self._path, number).exists():
                piece(self._path, number).replace(piece(self._path, number + 1))

    def _forget(self, first: int) -> None:
        """Give up the pieces from a number on."""
        for number in range(self._keep, first - 1, -1):
            piece(self._path, number).unlink(missing_ok=True)

    def _forget_oldest(self, target: int) -> bool:
        """Give up the oldest piece, unless that is what is being written."""
        for number in range(self._keep, 0, -1):
            oldest = piece(self._path, number)
            if oldest.exists():
                if os.path.samestat(oldest.stat(), os.fstat(target)):
                    return False
                oldest.unlink()
                return True
        return False


def _copy(source: int, target: int, offset: int, length: int) -> None:
    end = offset + length
    while offset < end:
        sent = os.sendfile(target, source, offset, end - offset)
        if sent == 0:  # someone else truncated the log
            return
        offset += sent
