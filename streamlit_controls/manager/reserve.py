"""Room on the disk for the few bytes by which the parts of a project find each other."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

from streamlit_controls.disk import FULL
from streamlit_controls.project import write_atomically

SIZE = 1024 * 1024
"""Bytes that are kept: the state of 500 apps takes a quarter of it."""

NAME = "reserve"

log = logging.getLogger(__name__)


class Reserve:
    """Writes small files, also on a full disk: keeps a file there, and gives it up for them."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME

    def write(self, path: Path, text: str, *, mode: int | None = None) -> None:
        """Replace a file's text; where there is no room at all, in place, if it has room itself.

        What is written so means nothing after a reboot. Raises OSError where nothing helps.
        """
        try:
            self.spend(lambda: write_atomically(path, text, mode=mode, lasting=False))
        except OSError as error:
            if error.errno not in FULL or not _overwrite(path, text.encode()):
                raise

    def spend(self, do: Callable[[], None]) -> None:
        """Do what takes room on the disk, once more without the reserve where there was none."""
        try:
            do()
        except OSError as error:
            if error.errno not in FULL or not self._give_up():
                raise
            do()

    def renew(self) -> None:
        """Have the reserve again, if it was given up and there is room for it."""
        if self._file.exists():
            return
        try:
            with self._file.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, SIZE)
        except OSError:
            self._file.unlink(missing_ok=True)

    def _give_up(self) -> bool:
        try:
            self._file.unlink()
        except OSError:
            return False
        log.warning("the disk is full: %s is given up for what must be written", self._file.name)
        return True


def _overwrite(path: Path, data: bytes) -> bool:
    """Write into the blocks that a file has already; what is too much is blank.

    A reader may see a part of it, if it reads in the very moment.
    """
    data = data.rstrip(b" ")
    try:
        with path.open("r+b", buffering=0) as file:
            stat = os.fstat(file.fileno())
            if len(data) > max(stat.st_size, stat.st_blocks * 512):
                return False
            return file.write(data.ljust(stat.st_size)) >= len(data)
    except OSError:
        return False
