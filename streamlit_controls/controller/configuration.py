"""Reads the configuration as it is on disk, and writes nothing."""

import tomllib
from pathlib import Path

from streamlit_controls.core import parse
from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import ConfigError, Problem
from streamlit_controls.core.parse import Manifest
from streamlit_controls.project import Project


def read(project: Project) -> Config:
    """Return the configuration of a project; raise ConfigError with all that is wrong."""
    try:
        text = project.config_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem("", f"cannot be read: {error}")]) from error
    document = parse.read_document(text) if text.strip() else {}
    entries = document.get("apps")
    manifests = {}
    for key, entry in entries.items() if isinstance(entries, dict) else ():
        place = entry.get("dir") if isinstance(entry, dict) else None
        folder = project.root / (place if isinstance(place, str) else f"apps/{key}")
        manifests[key] = _manifest(folder / "app.toml")
    return parse.parse(document, manifests, project.root)


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest(tomllib.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return parse.NO_MANIFEST
    except (OSError, ValueError) as error:
        return Manifest(problem=Problem("app.toml", f"cannot be read: {error}"))
