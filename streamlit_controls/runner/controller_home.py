"""Moves what libraries worked out from a zygote's home, or its folder, to those of a fork."""

from __future__ import annotations

import os
import sys
from typing import Any

OWN = ("__main__", "sys")
"""Modules that tell of the process itself; a fork's are made anew."""


def mentions(folder: str) -> list[tuple[dict[str, Any], str]]:
    """Return the variables that hold paths in a folder: each one's module's, and its name."""
    found = []
    for module in [sys.modules[name] for name in list(sys.modules) if name not in OWN]:
        variables = getattr(module, "__dict__", {})
        for name, value in list(variables.items()):
            if moved(value, {folder: os.sep}) is not value:
                found.append((variables, name))
    return found


def move(known: list[tuple[dict[str, Any], str]], moves: dict[str, str]) -> None:
    """Have modules, Streamlit's options and matplotlib's settings mean the folders of now.

    `moves` are folders, each with the one that now stands in its place.
    """
    for variables, name in known:
        variables[name] = moved(variables[name], moves)
    template = getattr(sys.modules.get("streamlit.config"), "_config_options_template", {})
    for option in template.values():
        for name in ("default_val", "_value"):
            if hasattr(option, name):
                setattr(option, name, moved(getattr(option, name), moves))
    configure(sys.modules.get("matplotlib"))


def moved(value: Any, moves: dict[str, str]) -> Any:
    """Return a path, or a list of them, as it reads now; the same object where it stays."""
    kind = type(value)
    if kind in (list, tuple):
        changed = [moved(each, moves) for each in value]
        same = all(one is other for one, other in zip(changed, value))  # noqa: B905
        return value if same else kind(changed)
    if kind is str or hasattr(kind, "__fspath__"):
        text = str(value)
        for before, now in moves.items():
            if text == before or text.startswith(before + os.sep):
                return kind(now + text[len(before) :])
    return value


def configure(matplotlib: Any) -> None:
    """Have matplotlib look where it would when it is imported: at this folder and this home."""
    if matplotlib is None:
        return
    for name in ("get_configdir", "get_cachedir"):
        forget(getattr(matplotlib, name))
    style = sys.modules.get("matplotlib.style")
    if style is not None and os.path.isdir(os.path.join(matplotlib.get_configdir(), "stylelib")):
        style.reload_library()
    if matplotlib.matplotlib_fname().startswith(matplotlib.get_data_path()):
        return  # nobody's settings but its own
    settings = matplotlib.rcParams
    backend = dict.get(settings, "backend")
    dict.update(settings, matplotlib.rc_params())
    if os.environ.get("MPLBACKEND"):  # it stands above any file
        dict.__setitem__(settings, "backend", backend)
    matplotlib.rcParamsOrig = settings.copy()


def forget(function: Any) -> None:
    """Have a function of matplotlib's, which remembers its first answer, work it out anew."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or ())  # noqa: B905
    for name, cell in cells:
        if name == "called":
            cell.cell_contents = False
