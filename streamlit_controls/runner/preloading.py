"""Imports what instances of an environment will want, and sees whether that can be forked."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import sys
import threading
from typing import Any

import controller_charts
import rehearsal

USUAL = ("numpy", "pandas", "pyarrow", "altair", "uvicorn", "uvloop", "httptools", "websockets")
"""What most apps want, where the environment has it."""

SURVIVING = frozenset({"numpy", "pandas", "pyarrow", "scipy", "sklearn"})
"""Packages whose threads do no harm: they are made anew in a fork, or wait for work until then."""


def import_server() -> None:
    """Import what a page's program has imported before it looks for any in the app's folder."""
    for name in ("uvicorn", "streamlit", "streamlit.config", "streamlit.web.bootstrap"):
        if is_there(name.partition(".")[0]):
            attempt(name)


def prepare(preload: list[str]) -> tuple[dict[str, str], str]:
    """Import all of it; return which modules cannot be imported, with why, and why not to fork.

    `preload` are the modules that apps name; the second value is empty where forks will do.
    """
    opened = descriptors()
    for name in USUAL:
        if is_there(name):
            attempt(name)
    controller_charts.spare_repetition()
    if is_there("streamlit"):
        import streamlit

        if not hasattr(streamlit, "App"):
            return {}, f"Streamlit {streamlit.__version__} has no st.App"
        rehearsal.learn()
    missing = {}
    for name in preload:
        before = threads()
        problem = attempt(name)
        if problem:
            missing[name] = problem
        if threads() > before and name.partition(".")[0] not in SURVIVING:
            return missing, f"{name} starts threads, which a fork would not have"
        if descriptors() - opened:
            return missing, f"{name} keeps files or sockets open, which forks would share"
    if preload:
        remember_components()
    return missing, lasting_threads()


def is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def attempt(name: str) -> str:
    """Import a module; return what went wrong, if it did: the app will meet it again."""
    try:
        importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - a package may raise whatever it likes
        return f"{type(error).__name__}: {error}"
    return ""


def threads() -> int:
    """Return how many threads this process has, those of libraries too."""
    return len(os.listdir("/proc/self/task"))


def descriptors() -> set[str]:
    """Return the numbers of what is open, and of one that is not any more: that of the listing."""
    return set(os.listdir("/proc/self/fd"))


def lasting_threads() -> str:
    """Return why Python's own threads forbid to fork, or nothing."""
    main = threading.main_thread()
    names = [thread.name for thread in threading.enumerate() if thread is not main]
    return f"there are threads, which a fork would not have: {', '.join(names)}" if names else ""


def remember_components() -> None:
    """Have forks know the components that preloaded packages declared, as if they imported them.

    A package declares them when it is imported, and does so to the page's server; here is none.
    """
    components = sys.modules.get("streamlit.components.v1.custom_component")
    registries = sys.modules.get("streamlit.components.lib.local_component_registry")
    if components is None or registries is None:
        return
    kind, registry = components.CustomComponent, registries.LocalComponentRegistry
    declared = [each for each in gc.get_objects() if type(each) is kind]
    begin = registry.__init__

    def begin_with_them(self: Any) -> None:
        begin(self)
        for each in declared:
            if each.abspath is None or os.path.isdir(each.abspath):
                self.register_component(each)

    registry.__init__ = begin_with_them
