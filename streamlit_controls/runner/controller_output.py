"""Standard output and error for which a log that cannot be written is no error.

In plain Python, a print into a log on a full disk raises, and what a script shows ends there. Here
it is dropped, and the log says so once it can be written again.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import sys
from typing import Any

UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG}
"""Errors of a log that are not the app's: no room, on the disk or in its share, or a bad disk."""


class Log(io.FileIO):
    """The descriptor of a log."""

    def __init__(self, descriptor: int, name: str) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self.name = name
        self._lost = 0
        self._reason = os.strerror(errno.ENOSPC)

    def write(self, data: Any, /) -> int:
        """Write what there is room for, and drop the rest."""
        size = memoryview(data).nbytes
        try:
            if self._lost:
                note = f"\n[{self._lost} bytes are missing here: {self._reason}]\n"
                super().write(note.encode())
                self._lost = 0
            written: Any = super().write(data)
        except OSError as error:
            if error.errno not in UNWRITABLE:
                raise
            written, self._reason = 0, os.strerror(error.errno)
        self._lost += size - written
        return size


def spare_the_app() -> None:
    """Have stdout and stderr drop what cannot be written, where they are files."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if _is_log(stream):
            spared = _spared(stream, f"<{name}>")
            setattr(sys, name, spared)
            setattr(sys, f"__{name}__", spared)


def _is_log(stream: Any) -> bool:
    """Tell whether a stream is what Python made of a file, and no other has taken its place."""
    if type(stream) is not io.TextIOWrapper:
        return False
    raw = getattr(stream.buffer, "raw", stream.buffer)
    return type(raw) is io.FileIO and stat.S_ISREG(os.fstat(raw.fileno()).st_mode)


def _spared(stream: io.TextIOWrapper, name: str) -> io.TextIOWrapper:
    with contextlib.suppress(OSError):
        stream.flush()
    log: Any = Log(stream.fileno(), name)
    spared = io.TextIOWrapper(
        io.BufferedWriter(log) if hasattr(stream.buffer, "raw") else log,
        encoding=stream.encoding,
        errors=stream.errors,
        newline="\n",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
    spared.mode = "w"  # type: ignore[misc]
    return spared
