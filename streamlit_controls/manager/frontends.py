"""The front-end files that come with the Streamlit of an environment."""

import base64
import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from streamlit_controls.core.environment import digest
from streamlit_controls.core.frontend import FILE, Unfit

INDEX = "index.html"

MARK = "made-from"
"""Of a folder that is made from a front-end: says from which, and how."""

_BELOW = "streamlit/static/"
_VERSION = re.compile(r"streamlit-([0-9][0-9A-Za-z.]*)\.dist-info")


@dataclass(frozen=True)
class Frontend:
    """Streamlit's front-end as its package lists it: the hash of each file, by its name."""

    version: str
    folder: Path
    hashes: Mapping[str, str]

    @property
    def digest(self) -> str:
        """What is the same for two environments with the same files."""
        return digest(self.hashes)

    def read(self, name: str) -> bytes:
        """Return a file as it was packed; raise Unfit where somebody has changed it since."""
        data = (self.folder / name).read_bytes()
        found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        if f"sha256={found}" != self.hashes[name]:
            raise Unfit(f"{name} is not what came with Streamlit {self.version}")
        return data


def frontend(python: Path) -> Frontend | None:
    """Return the front-end in the environment of an interpreter, or None where there is none.

    One that somebody has changed, as is done to add a script to index.html, counts as none: its app
    serves its own. The interpreter itself is not asked, as starting it takes long.
    """
    found = list(python.parent.parent.glob("lib/python3*/site-packages/streamlit-*.dist-info"))
    if len(found) != 1 or (version := _VERSION.fullmatch(found[0].name)) is None:
        return None
    folder = found[0].parent / _BELOW
    hashes: dict[str, str] = {}
    try:
        with (found[0] / "RECORD").open(newline="") as record:
            for path, packed, size in csv.reader(record):
                name = path.removeprefix(_BELOW)
                if name != path and re.fullmatch(FILE, name):
                    if (folder / name).stat().st_size != int(size):
                        return None
                    hashes[name] = packed
        front = Frontend(version[1], folder, hashes)
        front.read(INDEX)
    except (OSError, ValueError, KeyError, csv.Error):
        return None
    return front
