"""How the files look that people write: two looks that differ have an edit between them."""

import contextlib
import itertools
import os
from collections.abc import Iterable
from pathlib import Path

from streamlit_controls.core.environment import OWN_FOLDERS
from streamlit_controls.core.unit import Unit

Fingerprint = int

MOST = 2000
"""Files and folders that are looked at for one unit."""

FIRST = ("app.toml", "requirements.txt", "pyproject.toml", "app.py", "streamlit_app.py")
"""What is looked at however much else there is."""

SKIPPED = frozenset({*OWN_FOLDERS, ".git", "node_modules", "__pycache__"})
"""Folders whose contents nobody writes by hand."""


def of_files(paths: Iterable[Path]) -> Fingerprint:
    """Return the fingerprint of files, be they there or not."""
    return hash(tuple(_look(path) for path in paths))


def of_unit(unit: Unit, apart: Iterable[Path] = ()) -> Fingerprint:
    """Return the fingerprint of what a unit is made of: its folder and its own environment.

    `apart` are folders that other programs write to, should they lie inside.
    """
    spec = unit.environment
    theirs = [spec.folder, spec.base or spec.folder] if spec else []
    folders = sorted({unit.dir, *theirs})
    own = [folder / name for folder in folders for name in OWN_FOLDERS]
    if spec and spec.venv:
        own.append(spec.venv)
    names = [*FIRST, *([unit.entrypoint] if unit.entrypoint else [])]
    files = [folder / name for folder in folders for name in names]
    files += [part for folder in own for part in _environment(folder)]
    found = [_of_folder(folder, {str(each) for each in apart}) for folder in folders]
    return hash((*found, of_files(files)))


def _of_folder(folder: Path, apart: set[str]) -> Fingerprint:
    seen: set[tuple[str, object]] = set()
    waiting = [str(folder)]
    while waiting and len(seen) < MOST:
        with contextlib.suppress(OSError), os.scandir(waiting.pop(0)) as entries:
            for entry in itertools.islice(entries, MOST - len(seen)):
                if not entry.is_dir(follow_symlinks=False):
                    seen.add((entry.path, _look(Path(entry.path))))
                elif entry.name not in SKIPPED and entry.path not in apart:
                    seen.add((entry.path, None))
                    waiting.append(entry.path)
    return hash(frozenset(seen)) if seen or _look(folder) else 0


def _environment(folder: Path) -> list[Path]:
    """Return what changes in an environment when packages come and go."""
    found = [folder / "bin/python"]
    with contextlib.suppress(OSError):
        found += sorted(folder.glob("lib/python*/site-packages"))
    return found


def _look(path: Path) -> tuple[int, int, int, int] | None:
    for look in (path.stat, path.lstat):  # a link that leads nowhere is something, too
        try:
            found = look()
        except (OSError, ValueError):
            continue
        # A change of rights is one, too; an older file in its place is another file.
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
    return None
