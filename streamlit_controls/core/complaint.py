"""Finds, in what a process wrote, the one line that says what went wrong."""

import re
from collections.abc import Sequence

LONGEST = 300
"""Characters that are quoted in an error."""

_EXCEPTION = re.compile(r"[\w.]*(?:Error|Exception|Exit|Interrupt)\b")


def complaint(lines: Sequence[str]) -> str:
    """Return a traceback's last line if there is one, else the last line, else nothing."""
    raised = (line for line in reversed(lines) if _EXCEPTION.match(line))
    return next(raised, lines[-1] if lines else "")[:LONGEST]
