"""What an environment has got from where."""

import contextlib
import json
from pathlib import Path


def from_folders(environment: Path) -> list[str]:
    """Return the names of the packages that were built from folders of this disk."""
    found = []
    for record in sorted(
        environment.glob("lib/python3*/site-packages/*.dist-info/direct_url.json")
    ):
        with contextlib.suppress(
            OSError, ValueError, AttributeError
        ):  # written by whoever built it
            folder = json.loads(record.read_bytes()).get("dir_info")
            if folder is not None and not folder.get("editable"):
                found.append(record.parent.name.partition("-")[0])
    return found
