"""What one process wrote to its log."""

import os
from dataclasses import dataclass
from pathlib import Path

from streamlit_controls.core.complaint import complaint

LOOK_BACK = 16 * 1024
"""Bytes at the end of a log that are looked at."""

LONGEST = 1000
"""Characters of a line that are told; a log may be one line without end."""


@dataclass(frozen=True)
class Output:
    """A log from where one process began to write to it."""

    log: Path
    start: int

    def lines(self) -> list[str]:
        """Return the last lines, without empty ones."""
        try:
            with self.log.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                # A log that is shorter than it was has been rotated.
                start = self.start if self.start <= end else 0
                file.seek(max(start, end - LOOK_BACK))
                text = file.read().decode(errors="replace")
        except OSError:
            return []
        return [line.rstrip()[:LONGEST] for line in text.splitlines() if line.strip()]

    def complaint(self) -> str:
        """Return the one line that says what went wrong, or nothing."""
        return complaint(self.lines())
