"""The pipe on which an instance tells how it is doing."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

LINE = 64 * 1024
"""Bytes after which a line without an end is given up."""

READS = 16
"""How often a pipe is read in one go: one that never ends must not keep all others waiting."""


class ReportPipe:
    """Reads an instance's reports as they come; each is a JSON object with all there is to say."""

    def __init__(self, descriptor: int, heard: Callable[[Mapping[str, Any]], None]) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self._heard = heard
        self._rest = b""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self.drain)

    def drain(self) -> None:
        """Read what is there now."""
        for _ in range(READS):
            try:
                data = os.read(self.descriptor, LINE)
            except BlockingIOError:
                return
            if not data:
                self._loop.remove_reader(self.descriptor)
                return
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._rest = self._rest[-LINE:]
            for line in lines:
                self._hear(line)

    def close(self) -> None:
        """Stop listening."""
        self._loop.remove_reader(self.descriptor)
        os.close(self.descriptor)

    def _hear(self, line: bytes) -> None:
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            return  # whatever an app writes there, it harms nobody
        if isinstance(values, dict):
            self._heard(values)
