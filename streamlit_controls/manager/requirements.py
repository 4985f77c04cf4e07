"""All that decides what an environment holds, but the registry's own state."""

import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from streamlit_controls import configuration
from streamlit_controls.core.environment import (
    Built,
    Default,
    included,
    is_local,
    packages,
    without_packages,
)
from streamlit_controls.core.errors import BuildError
from streamlit_controls.manager.contents import contents
from streamlit_controls.project import Project

DEFAULT_LOCK = Path(__file__).resolve().parent.parent / "runner" / "default.lock"
"""What the shared default environment holds, with exact versions."""

LARGEST = 4 * 1024 * 1024
"""Bytes of requirements, with all that they include; lists with hashes have a tenth of that."""


class Requirements:
    """What is asked of one environment: the texts, and what they name on this disk.

    All methods read files, and may take a while.
    """

    def __init__(self, choice: Built | Default, project: Project) -> None:
        self._choice = choice
        self._project = project

    def inputs(self) -> Mapping[str, str]:
        """Return all that decides what a resolution gives; raise BuildError where it is missing."""
        match self._choice:
            case Built(source, extras):
                texts = self._texts(source)
                return {
                    "extras": "\n".join(extras),
                    **texts,
                    **self._beside(texts),
                    **self._platform(),
                }
            case Default():
                return {"default": DEFAULT_LOCK.read_text(), **self._platform()}

    def resolved(self, lock: str) -> Mapping[str, str]:
        """Return all that decides what is installed, once it was resolved."""
        texts = {"lock": lock}
        return {**texts, **self._beside(texts), **self._platform()}

    def _texts(self, source: Path) -> dict[str, str]:
        """Return a requirements file and those that it includes, by name."""
        found: dict[str, str] = {}
        waiting, left = [source], LARGEST
        while waiting:
            file = waiting.pop()
            if str(file) in found:
                continue
            found[str(file)] = text = self._text(file, left)
            left -= len(text.encode())
            waiting.extend(
                file.parent / name for line in text.split("\n") for name in included(line)
            )
        return {("source" if name == str(source) else name): text for name, text in found.items()}

    def _text(self, file: Path, most: int) -> str:
        try:
            return configuration.text_of(file, most)
        except (OSError, ValueError) as error:
            shown = self._project.shown(file)
            reason = getattr(error, "strerror", None) or error
            where = shown if shown.isprintable() else repr(shown)
            raise BuildError(f"{where} cannot be read: {reason}") from error

    def _beside(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Return what the packages consist of that lie on this disk.

        With whatever else these texts name there, such as editable packages, the folder to which
        they are relative counts, too: in another one they mean others.
        """
        if not isinstance(self._choice, Built):
            return {}
        folder = self._choice.source.parent
        names = {name for text in texts.values() for name in packages(text)}
        found = {name: contents(folder / _path(name)) for name in names}
        others = any(is_local(without_packages(text)) for text in texts.values())
        place = {"folder": str(folder)} if others or None in found.values() else {}
        return {f"package {name}": made_of or "" for name, made_of in found.items()} | place

    def _platform(self) -> Mapping[str, str]:
        version = self._choice.python or ".".join(map(str, sys.version_info[:3]))
        return {"python": version, "platform": sysconfig.get_platform()}


def _path(name: str) -> str:
    """Return the path of a package: requirements may have it as a URL."""
    if not name.startswith("file:"):
        return name
    return unquote(name.removeprefix("file:").removeprefix("//localhost").removeprefix("//"))
