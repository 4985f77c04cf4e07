"""What a manager does now and then, so that files stay as they should be."""

import asyncio
import contextlib
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from streamlit_controls import disk
from streamlit_controls.configuration import text_of
from streamlit_controls.core.errors import ControllerError, Problem
from streamlit_controls.logfile import rotate
from streamlit_controls.manager.lost_logs import LostLogs
from streamlit_controls.manager.reserve import Reserve
from streamlit_controls.project import Project

INTERVAL = 2.0
"""Seconds between two looks; fewer, down to what the last one took, while a log grows fast."""

LEAST = 0.1
"""Seconds between two looks at least."""

LOCK = "keeper.lock"

LOG_BYTES = 10 * 1024 * 1024
LOG_PIECES = 3
"""A log's size above which it is rotated, and how many older pieces are kept."""

TOKEN_BYTES = 1024
"""Bytes of a token at most; what is larger is none."""

log = logging.getLogger(__name__)


class Upkeep:
    """Bounds the logs, watches the disk, and keeps the files by which others find the manager.

    After each look `looked` is called.
    """

    def __init__(
        self, project: Project, token: str, port: int, looked: Callable[[], None] = lambda: None
    ) -> None:
        self._project = project
        self._token = token
        self._port = port
        self._looked = looked
        self._reserve = Reserve(project.run)
        self._lost = LostLogs(project)
        self._lacking: tuple[Problem, ...] = ()
        self._unwritten: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the disk, or could not be written else, and logs that are gone."""
        return (*(self._lacking or self._unwritten), *self._lost.problems)

    @property
    def all_written(self) -> bool:
        """Whether the files stand as they should."""
        return not self._unwritten

    def introduce(self) -> None:
        """Write where the manager is, and the token; the address last, as it is what is read."""
        self._project.run.mkdir(mode=0o700, exist_ok=True)
        try:
            self._reserve.write(self._project.token_file, self._token + "\n", mode=0o600)
            self._project.token_file.chmod(0o600)
            address = f"127.0.0.1:{self._port}\n"
            self._reserve.write(self._project.address_file, address, mode=0o600)
        except OSError as error:
            raise disk.refusal(self._project, error) from error

    def leave(self) -> None:
        """Take away what means nothing without a manager; the keeper's lock is the keeper's."""
        for path in self._project.run.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != LOCK:
                path.unlink(missing_ok=True)

    def note(self, *writes: Callable[[], None]) -> None:
        """Have files written, each whatever became of those before; note whether they could be.

        One that could not is no reason to stop what runs.
        """
        failures = []
        for write in writes:
            try:
                write()
            except OSError as error:
                failures.append(f"{self._project.run} cannot be written: {error.strerror or error}")
        if failures and self.all_written:
            log.error("%s", failures[0])
        hint = "all go on serving, but visitors may be sent to what is gone: see to that folder"
        self._unwritten = tuple(Problem("disk", each, hint) for each in failures[:1])

    async def run(self) -> None:
        """Look again and again, for ever."""
        pause = INTERVAL
        while True:
            began = time.monotonic()
            grown = await asyncio.to_thread(self._look)
            self._looked()
            with contextlib.suppress(OSError, ControllerError):
                if not self._is_introduced():
                    self.introduce()  # somebody has deleted, or changed, what was written
            pause = pause / 2 if grown > LOG_BYTES else min(2 * pause, INTERVAL)
            # However fast a log grows, most of one processor's time is for others.
            pause = max(pause, LEAST, time.monotonic() - began)
            await asyncio.sleep(pause)

    def _is_introduced(self) -> bool:
        """Tell whether who looks for the manager finds its address, and its token."""
        try:
            token = text_of(self._project.token_file, TOKEN_BYTES)
        except (OSError, ValueError):
            return False
        return token.strip() == self._token and self._project.address_file.exists()

    def _look(self) -> int:
        """Bound the logs, then look at the disk; return by how much the fastest log has grown."""
        with contextlib.suppress(OSError):
            self._project.logs.mkdir(exist_ok=True)
        grown = self._lost.look(LOG_BYTES)
        with contextlib.suppress(OSError):
            for path in self._project.logs.glob("*.log"):
                grown = max(grown, self._bound(path))
        with contextlib.suppress(OSError):
            self._lacking = tuple(disk.lacking(self._project))
            if not self._lacking:
                self._reserve.renew()
        return grown

    def _bound(self, path: Path) -> int:
        try:
            return rotate(path, LOG_BYTES, LOG_PIECES)
        except OSError:
            return 0
