"""Makes a fork of a zygote what a process would be that was started in its place."""

from __future__ import annotations

import ctypes
import fcntl
import importlib.machinery
import json
import logging
import os
import random
import signal
import socket
import sys
import time
import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import controller_home
import page
import service

PACKET = 1024 * 1024
"""Bytes of an order: the environment variables are the most of it."""

FIRST_FREE = 3
"""The first descriptor after stdin, stdout and stderr."""

RUNNERS = {"page.py": page.main, "service.py": service.main}

HANDLERS = {number: signal.getsignal(number) for number in signal.valid_signals()}
"""How signals are handled in a process that has just begun."""

OURS = ("page", "service", "zygote", "becoming", "preloading", "rehearsal")
"""Modules of this folder whose names an app may want for its own."""


@dataclass(frozen=True)
class Past:
    """What a zygote went through of which its forks must show no more than a plain start would."""

    imported: dict[str, frozenset[str]]
    """The modules that each program has, started plainly, before it looks in the app's folder."""
    set_by: dict[str, dict[str, str]]
    """The environment variables that the packages set which each program imports."""
    at_home: list[tuple[dict[str, Any], str]]
    """The variables of modules that hold paths in the zygote's home."""


def become(orders: socket.socket, past: Past) -> None:
    """Wait for an order, take on everything that it names, and run; end where none comes.

    An order is `{"argv": […], "env": {…}, "cwd": …, "descriptors": […]}` with the log's descriptor
    and those of these numbers beside it.
    """
    data, received, _, _ = socket.recv_fds(orders, PACKET, 16)
    if not data:
        os._exit(0)
    order: dict[str, Any] = json.loads(data.decode("utf-8", "surrogatepass"))
    argv: list[str] = order["argv"]
    program = os.path.basename(argv[1])
    os.setsid()
    take_descriptors(received, order["descriptors"])
    restore_signals()
    show_as(argv, order["env"])
    move(order["cwd"], {**past.set_by[program], **order["env"]}, past.at_home)
    forget_loggers()
    renew_chances()
    sys.argv = argv[1:]
    _set("sys", "orig_argv", argv)
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    main.__file__ = argv[1]
    sys.modules.pop("__mp_main__", None)  # multiprocessing made it another name of the one before
    folder = os.path.dirname(os.path.abspath(argv[2])) if program == "page.py" else os.getcwd()
    for name in OURS:
        sys.modules.pop(name, None)
    forget_modules(shadowed(folder, past.imported[program]))
    RUNNERS[program]()


def take_descriptors(received: list[int], wanted: list[int]) -> None:
    """Put the log in place of stdout and stderr, the others at their numbers; close the rest."""
    highest = max([*received, *wanted]) + 1
    log, *others = [fcntl.fcntl(each, fcntl.F_DUPFD, highest) for each in received]
    os.closerange(FIRST_FREE, highest)
    for number in (1, 2):
        os.dup2(log, number)
    for descriptor, number in zip(others, wanted):  # noqa: B905 - for Python before 3.10, too
        os.dup2(descriptor, number)
    for descriptor in (log, *others):
        os.close(descriptor)


def restore_signals() -> None:
    """Undo what modules settled when they were imported by the zygote."""
    for number, handler in HANDLERS.items():
        if handler is not None and signal.getsignal(number) != handler:
            signal.signal(number, handler)


def move(folder: str, variables: dict[str, str], at_home: list[tuple[dict[str, Any], str]]) -> None:
    """Take on a folder and variables, also where they were looked at already."""
    before, home = os.getcwd(), os.path.expanduser("~")
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    _set("tempfile", "tempdir", None)
    _set("multiprocessing.process", "ORIGINAL_DIR", folder)
    # What another folder's configuration said is no earlier value of this one's.
    _set("streamlit.config", "_config_options", None)
    controller_home.move(at_home, {before: folder, home: os.path.expanduser("~")})


def forget_loggers() -> None:
    """Undo how Streamlit sets up the loggers of others when it first reads its configuration.

    A page does so itself; a service has nothing to do with Streamlit.
    """
    loggers = getattr(sys.modules.get("streamlit.logger"), "_loggers", {})
    for name in [name for name in loggers if not name.startswith("streamlit")]:
        logger = loggers.pop(name)
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


def renew_chances() -> None:
    """Have nothing that is random in common with other forks."""
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    processes = sys.modules.get("multiprocessing.process")
    if processes is not None:
        processes.current_process().authkey = os.urandom(32)


def shadowed(folder: str, known: Iterable[str]) -> list[str]:
    """Return those of the modules here that the app would have found in its own folder."""
    try:
        names = {entry.partition(".")[0] for entry in os.listdir(folder)}
    except OSError:
        return []
    found = []
    for name in {name for name in names if name in sys.modules}.difference(known, OURS):
        spec = importlib.machinery.PathFinder.find_spec(name, [folder])
        if spec is not None and spec.loader is not None:
            found.append(name)
    return found


def forget_modules(names: Iterable[str]) -> None:
    """Have modules, and what is in them, imported anew when somebody wants them."""
    whole = set(names)
    parts = tuple(f"{name}." for name in whole)
    for each in [each for each in sys.modules if each in whole or each.startswith(parts)]:
        del sys.modules[each]


def show_as(argv: list[str], variables: dict[str, str]) -> None:
    """Have `ps` show the command and the variables of this process, as far as there is room."""
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    _overwrite(int(fields[45]), int(fields[46]), argv)
    _overwrite(int(fields[47]), int(fields[48]), [f"{key}={variables[key]}" for key in variables])


def _overwrite(start: int, end: int, words: Iterable[str]) -> None:
    room, text = end - start, b""
    for word in words:
        encoded = os.fsencode(word) + b"\0"
        if len(text) + len(encoded) <= room:
            text += encoded
    if start > 0:
        ctypes.memmove(start, text.ljust(room, b"\0"), room)


def _set(module: str, name: str, value: Any) -> None:
    """Set a variable of a module that is imported."""
    found = sys.modules.get(module)
    if found is not None and hasattr(found, name):
        setattr(found, name, value)
