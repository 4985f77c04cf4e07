"""Small projects on disk."""

import json
from pathlib import Path
from typing import Any

from streamlit_controls.project import Project

SCRIPT = "import streamlit as st\nst.title('Hello')\n"


def make_project(root: Path, document: dict[str, Any] | None = None, *apps: str) -> Project:
    """Make a project with a config.json, if there is a document, and with these apps."""
    project = Project(root)
    for folder in (project.apps, project.logs, project.environments, project.run):
        folder.mkdir(parents=True, exist_ok=True)
    if document is not None:
        project.config_file.write_text(json.dumps(document, indent=4) + "\n")
    for key in apps:
        make_app(project, key)
    return project


def make_app(project: Project, key: str, manifest: str | None = None) -> Path:
    """Make the folder of an app."""
    folder = project.apps / key
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text(SCRIPT)
    if manifest is not None:
        (folder / "app.toml").write_text(manifest)
    return folder
