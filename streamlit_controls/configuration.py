"""Reads what people wrote, above all config.json and the manifests, and writes nothing."""

import errno
import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit_controls.core import parse
from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import ConfigError, Problem
from streamlit_controls.core.parse import Document, Manifest
from streamlit_controls.project import Project

PUT_BACK = (
    "put it back, then ./streamlit_controller refresh; "
    "a stop and a start write a new one, for all that is in apps/"
)

LARGEST = 16 * 1024 * 1024
"""Bytes of a file that people wrote; what is larger was written by something else."""


def read(project: Project, *, required: bool = False) -> tuple[str, Document]:
    """Return config.json's text and what it says; a file that is not there says nothing.

    Raises ConfigError where it cannot be read or is no JSON object; where it is `required`, also
    where it is missing or empty.
    """
    file = project.config_file
    try:
        text = text_of(file)
    except FileNotFoundError:
        if required:
            raise ConfigError([_missing(file)]) from None
        return "", {}
    except UnicodeDecodeError as error:
        raise ConfigError([Problem("", "is no UTF-8 text")]) from error
    except OSError as error:
        raise ConfigError([Problem("", f"cannot be read: {error.strerror}")]) from error
    if not text.strip():
        if required:
            raise ConfigError([Problem("", "is empty", PUT_BACK)])
        return text, {}
    return text, parse.read_document(text)


def configured(project: Project) -> Config:
    """Return the configuration of a project; raise ConfigError with all that is wrong."""
    _, document = read(project)
    return parse.parse(document, manifests(project, document), project.root)


def manifests(project: Project, document: Mapping[str, Any]) -> dict[str, Manifest]:
    """Return the manifests of a document's apps, as they are on disk."""
    entries = document.get("apps", {})
    keys = entries if isinstance(entries, dict) else ()
    return {key: manifest(project, document, key) for key in keys}


def manifest(project: Project, document: Mapping[str, Any], key: str) -> Manifest:
    """Return the manifest of one of a document's apps, as it is on disk."""
    path = manifest_file(project, document, key)
    try:
        return Manifest(tomllib.loads(text_of(path)))
    except (FileNotFoundError, NotADirectoryError):
        return parse.NO_MANIFEST
    except tomllib.TOMLDecodeError as error:
        return Manifest(problem=Problem("app.toml", f"no TOML: {error}"))
    except RecursionError:
        return Manifest(problem=Problem("app.toml", "too deeply nested"))
    except OSError as error:
        return Manifest(problem=Problem("app.toml", f"cannot be read: {error.strerror}"))
    except ValueError as error:
        return Manifest(problem=Problem("app.toml", f"cannot be read: {error}"))


def manifest_file(project: Project, document: Mapping[str, Any], key: str) -> Path:
    """Return where the manifest of one of a document's apps lies, if it has one."""
    entry = document["apps"][key]
    folder = entry.get("dir") if isinstance(entry, dict) else None
    return project.root / (folder if isinstance(folder, str) else f"apps/{key}") / "app.toml"


def text_of(path: Path, most: int = LARGEST) -> str:
    """Return the text of a file that people wrote, at once and of `most` bytes at the most.

    Raises OSError, also for what is larger and for what is no file, such as a pipe that nobody
    writes to; and ValueError where it is no UTF-8 text, or its name can be none of a file.
    """
    with open(path, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data.decode("utf-8-sig")


def _missing(file: Path) -> Problem:
    if file.is_symlink():
        return Problem("", f"leads to {file.readlink()}, which is not there", PUT_BACK)
    return Problem("", "is not there any more", PUT_BACK)


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
