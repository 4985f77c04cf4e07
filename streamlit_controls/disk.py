"""How much room there is where a project writes, and what to say where it is too little."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from streamlit_controls.core.errors import ControllerError, Problem
from streamlit_controls.project import Project

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Errors of a write for which there is no room: on the disk, or in somebody's share of it."""

LITTLE_BYTES = 64 * 1024**2
"""Below this a disk counts as full: one app that prints without end fills 40 MB with its log, and
more between two looks at it."""

LITTLE_FILES = 1000
"""The same in files, on file systems that can hold only so many."""

EFFECT = "all go on serving, but what they print will be lost"


def lacking(project: Project) -> Iterator[Problem]:
    """Yield what is wrong with the disks on which the state and the logs of a project lie."""
    for message, how in _lacking(project):
        yield Problem("disk", message, f"{EFFECT}: {how}")


def refusal(project: Project, error: OSError) -> ControllerError:
    """Return why nothing can be started, where what that takes cannot be written."""
    for message, how in _lacking(project):
        return ControllerError(f"it cannot be started: {message}", how)
    return ControllerError(f"it cannot be started: {error}")


def existing(path: Path) -> Path:
    """Return a path, or the nearest folder above it that is there."""
    while not path.exists():
        path = path.parent
    return path


def _lacking(project: Project) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with each disk, and what to do about it."""
    places: dict[int, Path] = {}
    for folder in (project.run, project.logs):
        device = existing(folder).stat().st_dev
        places[device] = project.root if device == project.root.stat().st_dev else folder
    for place in map(existing, places.values()):
        disk = os.statvfs(place)
        free = disk.f_bavail * disk.f_frsize
        if disk.f_flag & os.ST_RDONLY:
            yield f"the disk of {place} is read-only", "mount it for writing"
        elif free < LITTLE_BYTES:
            left = f"{free // 1024**2} MB are" if free >= 1024**2 else "nothing is"
            how = f"free some space (du -xh {place} | sort -h | tail shows the largest)"
            yield f"{left} left on the disk of {place}", how
        elif disk.f_files and disk.f_favail < LITTLE_FILES:
            how = "delete files that nobody needs"
            yield f"only {disk.f_favail} more files can be made on the disk of {place}", how
