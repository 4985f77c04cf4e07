"""Makes a fork of a zygote what a process would be that was started in its place."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import random
import signal
import socket
import sys
import time
import types
from typing import Any

import page
import service

PACKET = 1024 * 1024
"""Bytes of an order: the environment variables are the most of it."""

FIRST_FREE = 3
"""The first descriptor after stdin, stdout and stderr."""

RUNNERS = {"page.py": page.main, "service.py": service.main}


def become(orders: socket.socket) -> None:
    """Wait for an order, take on everything that it names, and run; end where none comes.

    An order is `{"argv": […], "env": {…}, "cwd": …, "descriptors": […]}` with the log's descriptor
    and those of these numbers beside it.
    """
    data, received, _, _ = socket.recv_fds(orders, PACKET, 16)
    if not data:
        os._exit(0)
    order: dict[str, Any] = json.loads(data)
    os.setsid()
    take_descriptors(received, order["descriptors"])
    forget_the_zygote(order["cwd"], order["env"])
    argv: list[str] = order["argv"]
    show_as(argv)
    sys.argv = argv[1:]
    main = types.ModuleType("__main__")
    main.__file__ = argv[1]
    sys.modules["__main__"] = main
    for name in ("page", "service", "zygote", "becoming", "preloading", "rehearsal"):
        sys.modules.pop(name, None)  # an app may have modules of these names
    RUNNERS[os.path.basename(argv[1])]()


def take_descriptors(received: list[int], wanted: list[int]) -> None:
    """Put the log in the place of stdout and stderr, the others at their numbers; close the rest."""
    highest = max([*received, *wanted]) + 1
    log, *others = [_copy_above(descriptor, highest) for descriptor in received]
    os.closerange(FIRST_FREE, highest)
    for number in (1, 2):
        os.dup2(log, number)
    for descriptor, number in zip(others, wanted):  # noqa: B905 - for Python before 3.10, too
        os.dup2(descriptor, number)
    for descriptor in (log, *others):
        os.close(descriptor)


def _copy_above(descriptor: int, lowest: int) -> int:
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD, lowest)


def forget_the_zygote(folder: str, variables: dict[str, str]) -> None:
    """Take on a folder and variables, and undo what was settled when the zygote began."""
    before, home = os.getcwd(), os.path.expanduser("~")
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) not in (signal.SIG_DFL, signal.SIG_IGN, None):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    importlib.invalidate_caches()
    moves = {before: folder, home: os.path.expanduser("~")}
    config = sys.modules.get("streamlit.config")
    if config is not None:
        vars(config)["_config_options"] = (
            None  # what was read in another folder is no earlier value
        )
    for option in getattr(config, "_config_options_template", {}).values():
        for name in ("default_val", "_value"):
            if hasattr(option, name):
                setattr(option, name, _moved(getattr(option, name), moves))


def _moved(value: Any, moves: dict[str, str]) -> Any:
    """Return an option's value with paths below the zygote's folders below those of the app."""
    if isinstance(value, list):
        return [_moved(each, moves) for each in value]
    if isinstance(value, str):
        for before, now in moves.items():
            if value.startswith(before + os.sep):
                return now + value[len(before) :]
    return value


def show_as(argv: list[str]) -> None:
    """Have `ps` show the command that this process stands for, as far as there is room."""
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    room = end - start
    if start <= 0 or room <= 0:
        return
    text = b"\0".join(word.encode() for word in argv)[: room - 1]
    ctypes.memmove(start, text.ljust(room, b"\0"), room)
