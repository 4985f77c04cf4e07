"""Which virtual environment a unit gets, by rule, from what its folder holds."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from streamlit_controls.core.unit import EnvironmentSpec, Kind

OWN_FOLDERS = ("venv", ".venv", "env")
"""Names under which an app may bring its own environment."""

SERVER = ("uvicorn>=0.30", "uvloop>=0.17", "httptools>=0.6")
"""What the runner wants beside Streamlit or beside an ASGI service."""

_LOCAL = re.compile(
    r"(?:^|[\s@=\"'])(?:-e\b|--editable\b|file:|\.{1,2}/)|\beditable\s*=\s*true", re.MULTILINE
)
_NAME = r"[\w.-]++[ \t]*+(?:\[[^\]\n]*+\][ \t]*+)?@[ \t]*+"
_PACKAGE = re.compile(
    rf"(?:^[ \t]*+(?:{_NAME})?|[\"'][ \t]*+{_NAME})"
    r"(?P<path>(?:file:|[\w.-]*/)[^\s;\[\"']*|\.{1,2}(?=[\s;\[]|$))"
    r"|\bpath[ \t]*+=[ \t]*+[\"'](?P<source>[^\"'\n]+)[\"']",  # in tool.uv.sources
    re.MULTILINE,
)
_INCLUDE = re.compile(
    r"^[ \t]*(?:-[rc][ =]*|--(?:requirement|constraint)[ =]\s*)(\"[^\"]+\"|\S+)", re.MULTILINE
)


@dataclass(frozen=True)
class Existing:
    """An environment that the operator made."""

    folder: Path


@dataclass(frozen=True)
class Built:
    """An environment to be built from a requirements file or a pyproject.toml."""

    source: Path
    extras: tuple[str, ...]
    python: str | None


@dataclass(frozen=True)
class Default:
    """The environment shared by all apps that ask for nothing."""

    python: str | None


Choice = Existing | Built | Default


def choose(spec: EnvironmentSpec, kind: Kind, exists: Callable[[Path], bool]) -> Choice:
    """Return the environment of a unit: its own, else one built from what it requires."""
    if spec.venv is not None:
        return Existing(spec.venv)
    for folder in (spec.folder, spec.base):
        if folder is None:
            continue
        for name in OWN_FOLDERS:
            if exists(folder / name / "bin/python"):
                return Existing(folder / name)
        for name in ("requirements.txt", "pyproject.toml"):
            if exists(folder / name):
                page = kind is Kind.STREAMLIT or folder == spec.base
                extras = ("streamlit", *SERVER) if page else SERVER
                return Built(folder / name, extras, spec.python)
    return Default(spec.python)


def included(text: str) -> list[str]:
    """Return the files that a requirements file includes; what comes from afar does not count."""
    return [name.strip("\"'") for name in _INCLUDE.findall(text) if "://" not in name]


def is_local(text: str) -> bool:
    """Tell whether requirements name files beside them: in another folder they mean others."""
    return _LOCAL.search(text) is not None


def packages(text: str) -> list[str]:
    """Return the paths, or file URLs, of files and folders that requirements name as packages.

    What a line has installed as editable is none: nothing of it is copied.
    """
    return [match["path"] or match["source"] for match in _PACKAGE.finditer(text)]


def without_packages(text: str) -> str:
    """Return requirements without those that `packages` finds."""
    return _PACKAGE.sub("", text)


def digest(parts: Mapping[str, str]) -> str:
    """Return the short name of what is wholly decided by these parts."""
    joined = "\0".join(f"{name}\0{parts[name]}" for name in sorted(parts))
    return hashlib.sha256(joined.encode()).hexdigest()[:20]
