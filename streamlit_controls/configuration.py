"""Reads what people wrote, config.json and the manifests, and writes nothing."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit_controls.core import parse
from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import ConfigError, Problem
from streamlit_controls.core.parse import Document, Manifest
from streamlit_controls.project import Project


def read(project: Project) -> tuple[str, Document]:
    """Return config.json's text and what it says; a file that is not there says nothing.

    Raises ConfigError where it cannot be read or is no JSON object.
    """
    text = _text(project.config_file)
    return text, parse.read_document(text) if text.strip() else {}


def configured(project: Project) -> Config:
    """Return the configuration of a project; raise ConfigError with all that is wrong."""
    _, document = read(project)
    return interpret(project, document)


def interpret(project: Project, document: Mapping[str, Any]) -> Config:
    """Return the configuration of a document, with the manifests as they are on disk."""
    entries = document.get("apps", {})
    manifests: dict[str, Manifest] = {}
    for key, entry in entries.items() if isinstance(entries, dict) else ():
        folder = entry.get("dir") if isinstance(entry, dict) else None
        place = folder if isinstance(folder, str) else f"apps/{key}"
        manifests[key] = _manifest(project.root / place / "app.toml")
    return parse.parse(document, manifests, project.root)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError([Problem("", "is no UTF-8 text")]) from error
    except OSError as error:
        raise ConfigError([Problem("", f"cannot be read: {error.strerror}")]) from error


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (FileNotFoundError, NotADirectoryError):
        return parse.NO_MANIFEST
    except tomllib.TOMLDecodeError as error:
        return Manifest(problem=Problem("app.toml", f"no TOML: {error}"))
    except (OSError, ValueError) as error:
        return Manifest(problem=Problem("app.toml", f"cannot be read: {error}"))
