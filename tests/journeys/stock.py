"""What projects make once and never change, environments and front-end files, for the next ones.

Each is whole and has the name of what went into it, so that it is as good for any other project.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

STOCK = Path(__file__).resolve().parents[2] / ".state/samples"
KINDS = ("envs", "assets")


def lend(state: Path) -> None:
    """Let a new project have all that is there, by links."""
    for kind in KINDS:
        (state / kind).mkdir(parents=True)
        (STOCK / kind).mkdir(parents=True, exist_ok=True)
        for made in _whole(STOCK / kind):
            (state / kind / made.name).symlink_to(made)


def take_back(state: Path) -> None:
    """Leave a project nothing that others made."""
    for kind in KINDS:
        for made in (state / kind).iterdir():
            if made.is_symlink():
                made.unlink()


def keep(state: Path) -> None:
    """Keep what a project that has ended made anew; others may do the same just now."""
    for kind in KINDS:
        for made in _whole(state / kind):
            if made.is_symlink() or (STOCK / kind / made.name).exists():
                continue
            copy = Path(tempfile.mkdtemp(prefix=".", dir=STOCK / kind)) / made.name
            if made.is_dir():
                shutil.copytree(made, copy, symlinks=True, copy_function=link)
            else:
                link(made, copy)
            with contextlib.suppress(OSError):  # somebody else was quicker
                copy.rename(STOCK / kind / made.name)
            shutil.rmtree(copy.parent)


def _whole(folder: Path) -> Iterator[Path]:
    """Yield what is there in a folder and not being made."""
    if folder.is_dir():
        for made in folder.iterdir():
            if not made.name.startswith((".", "building-", "making-")):
                yield made


def link(source: str | Path, target: str | Path) -> Path:
    """Copy a file by a link, where both are on one file system."""
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return Path(target)
