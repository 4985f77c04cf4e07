"""Reads what people wrote from disk, and adds new apps to it."""

import contextlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit_controls.core import discovery, parse
from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import ConfigError, Problem
from streamlit_controls.core.parse import Manifest
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
    text = _read(project.config_file)
    document = parse.read_document(text) if text.strip() else {}
    config = interpret(project, document)
    known = {app.dir.name for app in config.apps if app.dir.parent == project.apps}
    known |= {app.key for app in config.apps}
    added = discovery.new_apps(_folders(project.apps), known)
    problems: list[Problem] = []
    if added or not text:
        document = discovery.add(document, added, config)
        config = interpret(project, document)
        try:
            write_atomically(project.config_file, discovery.render(document, text))
        except OSError as error:
            problems.append(Problem("", f"new apps are not written to it: {error.strerror}"))
    return Loaded(config, document, tuple(added), tuple(problems))


def interpret(project: Project, document: Mapping[str, Any]) -> Config:
    """Return the configuration of a document, with the manifests as they are on disk."""
    entries = document.get("apps", {})
    manifests: dict[str, Manifest] = {}
    for key, entry in entries.items() if isinstance(entries, dict) else ():
        folder = entry.get("dir") if isinstance(entry, dict) else None
        place = folder if isinstance(folder, str) else f"apps/{key}"
        manifests[key] = _manifest(project.root / place / "app.toml")
    return parse.parse(document, manifests, project.root)


def _read(path: Path) -> str:
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


def _folders(apps: Path) -> dict[str, list[str]]:
    """Return the folders of apps/ with the names of their files."""
    found: dict[str, list[str]] = {}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for folder in apps.iterdir():
            with contextlib.suppress(OSError):
                if folder.is_dir():
                    found[folder.name] = [path.name for path in folder.iterdir()]
    return found
