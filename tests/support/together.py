"""Which files of tests run in one worker: those that share a running project."""

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]

PROJECTS = ("busy", "installed", "site")
"""Fixtures of several files that take seconds to make, in each worker that needs them."""


class Together(LoadFileScheduling):  # type: ignore[misc]
    """Gives a worker a whole file, or all that share a project; in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return shared(file) or file


@cache
def shared(file: str) -> str:
    """Return the project that the tests of a file share with others, if any."""
    found = re.search(rf"\b({'|'.join(PROJECTS)}): (?:SampleProject|Installed)\b", text(file))
    return found[1] if found else ""


def text(file: str) -> str:
    return (ROOT / file).read_text()
