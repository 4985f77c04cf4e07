"""Which project a command is about."""

import os
from pathlib import Path

import click

from streamlit_controls.project import CODE_ROOT, Project

VARIABLE = "STREAMLIT_CONTROLLER_PROJECT"

pass_project = click.make_pass_decorator(Project)


def project_at(folder: Path | None) -> Project:
    """Return the project in a folder; without one, the project that this code is part of."""
    return Project((folder or CODE_ROOT).resolve())


def current_project() -> Project:
    """Return the project of the command that runs, or the default one before it is known."""
    context = click.get_current_context(silent=True)
    found = context.find_object(Project) if context else None
    if found:
        return found
    named = os.environ.get(VARIABLE)
    return project_at(Path(named) if named else None)
