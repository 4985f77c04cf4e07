"""Imports what instances of an environment will want, and sees whether that can be forked."""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading

import rehearsal

USUAL = ("numpy", "pandas", "pyarrow", "altair", "uvicorn", "uvloop", "httptools", "websockets")
"""What most apps want, where the environment has it."""

SURVIVING = frozenset({"numpy", "pandas", "pyarrow", "scipy", "sklearn"})
"""Packages whose threads do no harm: they are made anew in a fork, or wait for work until then."""


def prepare(preload: list[str]) -> tuple[dict[str, str], str]:
    """Import all of it; return which modules cannot be imported, with why, and why not to fork.

    `preload` are the modules that apps name; the second value is empty where forks will do.
    """
    for name in USUAL:
        if is_there(name):
            attempt(name)
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


def lasting_threads() -> str:
    """Return why Python's own threads forbid to fork, or nothing."""
    main = threading.main_thread()
    names = [thread.name for thread in threading.enumerate() if thread is not main]
    return f"there are threads, which a fork would not have: {', '.join(names)}" if names else ""
