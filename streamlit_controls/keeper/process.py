"""What makes a process a keeper: its lock, its limits, its words, and the code that it runs."""

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
FILES = 65536
END_SECONDS = 10.0
"""Seconds from SIGTERM to SIGKILL."""

TO_END = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
"""The signals by which it is asked to end."""


def inherit_orphans() -> None:
    """Become the parent of each process below that loses its own."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def allow_files() -> None:
    """Raise the limit of open files: hundreds of apps, with a few each, pass the usual 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def hold(lock: Path) -> int | None:
    """Take the lock that lets one keeper run in a project; return None where another has it."""
    lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def end_children(seconds: float = END_SECONDS) -> None:
    """End all that is below this process, which inherits what loses its parent meanwhile.

    After so many seconds they are killed; in as many again they are gone, or cannot be.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + seconds
        told: set[int] = set()
        while (left := _children()) and time.monotonic() < until:
            for pid in left - told:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
                    os.kill(pid, signal.SIGCONT)  # who is stopped hears of nothing before
            told |= left
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            time.sleep(0.02)


def _children() -> set[int]:
    """Return the pids of this process's children."""
    found: set[int] = set()
    for listed in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found.update(map(int, listed.read_text().split()))
    return found


def run_anew(command: Sequence[str], lock: int, stored: Mapping[str, int]) -> None:
    """Run a command in this very process, with all that it holds; raise OSError where it cannot.

    What supervises this process, and who lost their parent to it, notice nothing.
    """
    held = os.memfd_create("held")
    descriptors = [held, lock, *stored.values()]
    # A signal must find code that knows what to do with it: this, or the new, which lets it in.
    signal.pthread_sigmask(signal.SIG_BLOCK, TO_END)
    try:
        os.write(held, json.dumps({"lock": lock, "stored": stored}).encode())
        _set_inheritable(descriptors, True)
        os.execv(sys.executable, [sys.executable, *command, "--held-fd", str(held)])  # noqa: S606
    finally:
        _set_inheritable(descriptors, False)
        os.close(held)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, TO_END)


def take_over(held: int) -> tuple[int, dict[str, int]]:
    """Return the lock and the stored descriptors that this process held before it ran anew."""
    with os.fdopen(held, "rb") as file:
        file.seek(0)
        said = json.load(file)
    _set_inheritable([said["lock"], *said["stored"].values()], False)
    return said["lock"], said["stored"]


def say(text: str) -> None:
    """Write a line to the log, and to stderr where that is another; a full disk stops nothing."""
    line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} INFO keeper: {text}\n".encode()
    with contextlib.suppress(OSError):
        os.write(1, line)
    with contextlib.suppress(OSError):
        if not os.path.sameopenfile(1, 2):
            os.write(2, line)


def _set_inheritable(descriptors: Iterable[int], inheritable: bool) -> None:
    for descriptor in descriptors:
        os.set_inheritable(descriptor, inheritable)
