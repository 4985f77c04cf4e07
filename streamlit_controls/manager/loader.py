"""Reads what people wrote from disk, and adds new apps to it."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamlit_controls import configuration
from streamlit_controls.core import discovery
from streamlit_controls.core.errors import Problem
from streamlit_controls.manager.edition import Edition
from streamlit_controls.project import Project, write_atomically

TRIES = 5
"""How often config.json is read anew because it was edited meanwhile."""


def load(project: Project, *, first: bool = True) -> Edition:
    """Read config.json and the manifests, add the apps that config.json does not know yet.

    Where config.json is missing, a `first` load makes it. Raises ConfigError, and writes nothing,
    where it is not in order.
    """
    for _ in range(TRIES):
        text, found = _read(project, required=not first)
        if text and not found.added:
            return found
        rendered = discovery.render(found.document, text)
        # Whoever edited it in the meantime is not written over.
        if configuration.read(project, required=not first)[0] != text:
            continue
        try:
            _write(project.config_file, rendered)
        except OSError as error:
            return _unwritten(found, error.strerror or str(error))
        return found
    return _unwritten(found, "somebody writes to it all the time")


def look(project: Project) -> Edition:
    """Return what `load` would find; write nothing."""
    return _read(project, required=True)[1]


def _read(project: Project, *, required: bool) -> tuple[str, Edition]:
    """Return config.json's text, and all there is with the apps that it does not know yet."""
    text, document = configuration.read(project, required=required)
    found = _interpret(project, document)
    config = found.config
    known = {app.dir.name for app in config.apps if app.dir.parent == project.apps}
    known |= {app.key for app in config.apps}
    added = discovery.new_apps(_folders(project.apps), known)
    if added or not text:
        found = _interpret(project, discovery.add(document, added, config))
    return text, replace(found, added=tuple(added))


def _interpret(project: Project, document: Mapping[str, Any]) -> Edition:
    return Edition.of(project, document, configuration.manifests(project, document))


def _write(file: Path, text: str) -> None:
    """Replace a file that belongs to a person; it still does when somebody else ran `start`."""
    owner = file.stat() if file.exists() else None
    write_atomically(file, text)
    if owner is not None:
        with contextlib.suppress(PermissionError):
            os.chown(file, owner.st_uid, owner.st_gid)


def _unwritten(found: Edition, why: str) -> Edition:
    return replace(found, problems=(Problem("", f"new apps are not written to it: {why}"),))


def _folders(apps: Path) -> dict[str, list[str]]:
    """Return the folders of apps/ with the names of their files."""
    found: dict[str, list[str]] = {}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for folder in apps.iterdir():
            with contextlib.suppress(OSError):
                if folder.is_dir():
                    found[folder.name] = [path.name for path in folder.iterdir()]
    return found
