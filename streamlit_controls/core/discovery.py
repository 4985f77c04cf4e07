"""Which folders are apps, which script starts one, and how a new one enters config.json."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from streamlit_controls.core.config import Config
from streamlit_controls.core.names import RESERVED_KEYS, RESERVED_SEGMENTS, SLUG
from streamlit_controls.core.ports import unused

PREFERRED_SCRIPTS = ("app.py", "streamlit_app.py")


def entrypoint(names: Iterable[str]) -> str | None:
    """Return the script of a folder with these file names, or None where no rule names one."""
    scripts = sorted(name for name in names if name.endswith(".py"))
    for preferred in PREFERRED_SCRIPTS:
        if preferred in scripts:
            return preferred
    return scripts[0] if len(scripts) == 1 else None


def new_apps(folders: Mapping[str, Sequence[str]], known: Collection[str]) -> list[str]:
    """Return the names of folders in apps/ that are apps and are not configured yet.

    `folders` are the folders of apps/ with their file names; `known` are the folders (below
    apps/) that config.json names.
    """
    found: list[str] = []
    taken = {name.casefold() for name in known} | RESERVED_KEYS
    for name in sorted(folders):
        # Two that differ in capitals only would share an address.
        if not SLUG.match(name) or name.casefold() in taken:
            continue
        if entrypoint(folders[name]) is not None:
            found.append(name)
            taken.add(name.casefold())
    return found


def add(document: Mapping[str, Any], keys: Iterable[str], config: Config) -> dict[str, Any]:
    """Return config.json's document with an entry for each new app, each on the next free port.

    What people wrote stays as and where it is.
    """
    apps = dict(document.get("apps", {}))
    ports = unused(config)
    paths = {app.path for app in config.apps}
    for key in keys:
        entry: dict[str, Any] = {"dir": f"apps/{key}", "port": next(ports)}
        path = f"/{key}/"
        while path in paths or path.strip("/") in RESERVED_SEGMENTS:
            path = f"{path.rstrip('/')}-app/"
            entry["url"] = path
        paths.add(path)
        apps[key] = entry
    return {**document, "apps": apps}


def render(document: Mapping[str, Any], previous: str) -> str:
    """Return the document as text, indented as the text that it replaces."""
    match = re.search(r"^([ \t]+)\S", previous, re.MULTILINE)
    indent = match[1] if match else "    "
    return json.dumps(document, indent=indent, ensure_ascii=False) + "\n"
