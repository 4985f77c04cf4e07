"""What a process can find out about itself."""

import asyncio
import decimal
import faulthandler
import fcntl
import gc
import locale
import logging
import mimetypes
import multiprocessing
import os
import resource
import signal
import socket
import stat
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROC = Path("/proc/self")


def facts() -> dict[str, Any]:
    """Return all of it; equal for two processes that were started alike."""
    return {
        **of_the_interpreter(),
        **of_the_process(),
        "signals": signals(),
        "streams": {name: stream(getattr(sys, name)) for name in ("stdin", "stdout", "stderr")},
        "descriptors": [each for each in sorted(descriptors()) if each[3] or each[4]],
        "kinds of descriptors": sorted({repr(each) for each in descriptors()}),
        "logging": dict(loggers()),
        "warnings": [repr(each) for each in warnings.filters],
        "threads": sorted(
            (each.name, each.daemon, type(each).__name__) for each in threading.enumerate()
        ),
        "multiprocessing": of_multiprocessing(),
    }


def of_the_interpreter() -> dict[str, Any]:
    main = sys.modules["__main__"]
    return {
        "argv": sys.argv,
        "orig argv": sys.orig_argv,
        "path": sys.path,
        "flags": repr(sys.flags),
        "warnoptions": sys.warnoptions,
        "executable": [sys.executable, sys.prefix, sys.base_prefix],
        "importers": [[repr(each) for each in sys.meta_path], len(sys.path_hooks)],
        "limits": [sys.getrecursionlimit(), sys.getswitchinterval(), sys.getdlopenflags()],
        "hooks": [
            getattr(each, "__qualname__", repr(each))
            for each in (
                sys.excepthook,
                sys.displayhook,
                sys.unraisablehook,
                threading.excepthook,
                warnings.showwarning,
            )
        ],
        "tracing": [repr(sys.gettrace()), repr(sys.getprofile()), faulthandler.is_enabled()],
        "collector": [
            gc.isenabled(),
            gc.get_threshold(),
            gc.get_freeze_count() > 0,
            gc.get_debug(),
        ],
        "main": [main.__name__, getattr(main, "__file__", None), repr(main.__spec__)],
        "runner": sorted(
            name
            for name, module in list(sys.modules.items())
            if "streamlit_controls" in str(getattr(module, "__file__", ""))
            and not name.startswith(("controller_", "__mp_main__"))
        ),
        "encodings": [
            sys.getfilesystemencoding(),
            locale.getpreferredencoding(),
            locale.setlocale(locale.LC_ALL, None),
        ],
        "decimal": repr(decimal.getcontext()),
        "loop policy": type(asyncio.get_event_loop_policy()).__name__,
        "socket timeout": socket.getdefaulttimeout(),
        "temporary": [tempfile.gettempdir(), tempfile.gettempprefix()],
        "type of a script": mimetypes.guess_type("x.js"),
        "zone": [time.tzname, time.timezone, time.strftime("%z", time.localtime(0))],
        "main thread": [threading.main_thread().name, threading.main_thread().is_alive()],
    }


def of_the_process() -> dict[str, Any]:
    mask = os.umask(0)
    os.umask(mask)
    return {
        "folder": str(Path.cwd()),
        "home": str(Path.home()),
        "environment": dict(sorted(os.environ.items())),
        "environment as others see it": sorted(zero_ended(PROC / "environ")),
        "command": zero_ended(PROC / "cmdline"),
        "name": (PROC / "comm").read_text(),
        "program": str((PROC / "exe").readlink()),
        "leads": [os.getpgid(0) == os.getpid(), os.getsid(0) == os.getpid()],
        "umask": mask,
        "limits": {
            name: resource.getrlimit(getattr(resource, name))
            for name in dir(resource)
            if name.startswith("RLIMIT_")
        },
        "nice": [os.nice(0), (PROC / "oom_score_adj").read_text()],
        "processors": sorted(os.sched_getaffinity(0)),
        "users": [os.getuid(), os.geteuid(), os.getgid(), sorted(os.getgroups())],
        "cgroup": (PROC / "cgroup").read_text(),
        "timers": [signal.getitimer(signal.ITIMER_REAL), signal.getitimer(signal.ITIMER_PROF)],
    }


def signals() -> dict[str, Any]:
    """Return how signals are handled, by Python's telling and by the kernel's."""
    handlers = {
        each.name: getattr(signal.getsignal(each), "__qualname__", str(signal.getsignal(each)))
        for each in signal.Signals
    }
    status = (PROC / "status").read_text().splitlines()
    kernel = [line for line in status if line.startswith(("SigBlk", "SigIgn", "SigCgt"))]
    return {"handlers": handlers, "kernel": kernel}


def stream(file: Any) -> list[Any]:
    looks = [getattr(file, name, None) for name in ("name", "mode", "encoding", "errors")]
    how = [getattr(file, name, None) for name in ("line_buffering", "write_through")]
    return [*looks, *how, file.isatty(), str((PROC / "fd" / str(file.fileno())).readlink())]


def descriptors() -> Iterator[list[Any]]:
    """Return what is open: its kind or place, its flags, whether children get it."""
    for entry in (PROC / "fd").iterdir():
        try:
            place, number = str(entry.readlink()), int(entry.name)
            kind = stat.S_IFMT(os.fstat(number).st_mode)
            flags = fcntl.fcntl(number, fcntl.F_GETFL)
        except OSError:
            continue  # the descriptor of this listing
        if "/proc/" not in place:
            where = place.partition("[")[0] if ":[" in place else place
            yield [where, kind, flags, os.get_inheritable(number), number < 3]


def loggers() -> Iterator[tuple[str, Any]]:
    """Return each logger that is set up in any way, and what holds for all."""
    yield "disabled", logging.root.manager.disable
    yield "raises", [logging.raiseExceptions, repr(logging.lastResort)]
    named = {name: logging.getLogger(name) for name in logging.root.manager.loggerDict}
    for name, logger in sorted({"root": logging.getLogger(), **named}.items()):
        handlers = [
            (type(each).__name__, each.level, getattr(each.formatter, "_fmt", None))
            for each in logger.handlers
        ]
        if handlers or logger.level or not logger.propagate or logger.disabled or logger.filters:
            yield name, [logger.level, handlers, logger.propagate, logger.disabled]


def of_multiprocessing() -> list[Any]:
    return [
        multiprocessing.get_start_method(allow_none=True),
        multiprocessing.current_process().name,
        multiprocessing.parent_process() is None,
        [each.name for each in multiprocessing.active_children()],
        str(multiprocessing.process.ORIGINAL_DIR),  # type: ignore[attr-defined]
    ]


def zero_ended(path: Path) -> list[str]:
    return path.read_bytes().rstrip(b"\0").decode().split("\0")
