"""What a manager does now and then, so that files stay as they should be."""

import asyncio
import contextlib
import shutil

from streamlit_controls.logfile import rotate
from streamlit_controls.project import Project, write_atomically

INTERVAL = 2.0
"""Seconds between two looks."""

LOCK = "keeper.lock"

LOG_BYTES = 10 * 1024 * 1024
LOG_PIECES = 3
"""A log's size above which it is rotated, and how many older pieces are kept."""


class Upkeep:
    """Bounds the logs, and keeps the files by which others find the manager and may talk to it."""

    def __init__(self, project: Project, token: str, port: int) -> None:
        self._project = project
        self._token = token
        self._port = port

    def introduce(self) -> None:
        """Write where the manager is, and the token; the address last, as it is what is read."""
        self._project.run.mkdir(mode=0o700, exist_ok=True)
        write_atomically(self._project.token_file, self._token + "\n", mode=0o600)
        self._project.token_file.chmod(0o600)
        write_atomically(self._project.address_file, f"127.0.0.1:{self._port}\n", mode=0o600)

    def leave(self) -> None:
        """Take away what means nothing without a manager; the keeper's lock is the keeper's."""
        for path in self._project.run.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != LOCK:
                path.unlink(missing_ok=True)

    async def run(self) -> None:
        """Look again and again, for ever."""
        while True:
            await asyncio.to_thread(self._rotate_logs)
            with contextlib.suppress(OSError):
                if not self._project.address_file.exists():
                    self.introduce()  # somebody has deleted it
            await asyncio.sleep(INTERVAL)

    def _rotate_logs(self) -> None:
        for path in self._project.logs.glob("*.log"):
            with contextlib.suppress(OSError):
                while rotate(path, LOG_BYTES, LOG_PIECES):
                    pass  # it moves one piece at a time
