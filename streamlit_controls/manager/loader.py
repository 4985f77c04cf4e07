"""Reads what people wrote from disk, and adds new apps to it."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit_controls import configuration
from streamlit_controls.core import discovery
from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import Problem
from streamlit_controls.project import Project, write_atomically


@dataclass(frozen=True)
class Loaded:
    """A configuration as it was read, and what was noticed on the way."""

    config: Config
    document: Mapping[str, Any]
    added: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def load(project: Project) -> Loaded:
    """Read config.json and the manifests, add the apps that config.json does not know yet.

    Raises ConfigError, and writes nothing, where config.json is not in order.
    """
    text, document = configuration.read(project)
    config = configuration.interpret(project, document)
    known = {app.dir.name for app in config.apps if app.dir.parent == project.apps}
    known |= {app.key for app in config.apps}
    added = discovery.new_apps(_folders(project.apps), known)
    problems: list[Problem] = []
    if added or not text:
        document = discovery.add(document, added, config)
        config = configuration.interpret(project, document)
        try:
            write_atomically(project.config_file, discovery.render(document, text))
        except OSError as error:
            problems.append(Problem("", f"new apps are not written to it: {error.strerror}"))
    return Loaded(config, document, tuple(added), tuple(problems))


def _folders(apps: Path) -> dict[str, list[str]]:
    """Return the folders of apps/ with the names of their files."""
    found: dict[str, list[str]] = {}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for folder in apps.iterdir():
            with contextlib.suppress(OSError):
                if folder.is_dir():
                    found[folder.name] = [path.name for path in folder.iterdir()]
    return found
