"""Which process is the one in a sandbox: its supervisor knows only the one that waits outside.

Around a sandboxed process there are two of bubblewrap: the one outside waits for how it ends, the
one inside reaps what it leaves. Signals are for the sandboxed process and what it has started;
those two hold them back for ever, so that a whole group can be told to end without their going
first.
"""

import signal
from pathlib import Path

from streamlit_controls.manager import proc

MONITOR = "bwrap"
"""What the kernel calls the process outside."""

HELD = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM})
HELD |= {signal.SIGUSR1, signal.SIGUSR2}
"""The signals that are held back."""

SIGNALLED = 128
"""What is added to a signal's number where a process's exit code is that of another's end."""


def is_monitor(pid: int) -> bool:
    """Tell whether a process is one that waits for a sandboxed one."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().rstrip("\n") == MONITOR
    except OSError:
        return False


def inside(pid: int) -> int | None:
    """Return the process in the sandbox that a process waits for, else that process itself.

    None is for a sandbox with no process in it yet, or no more.
    """
    if not is_monitor(pid):
        return pid
    family = proc.below(pid)
    reapers = {each.pid for each in family if each.parent == pid}
    # Of those whom the reaper looks after, orphans too, what was there first started the others.
    started = [each for each in family if each.parent in reapers]
    return min(started, key=lambda each: (each.birth, each.pid)).pid if started else None


def exit_code(code: int) -> int:
    """Return a sandboxed process's exit code, or minus its signal, from that of its monitor."""
    return SIGNALLED - code if SIGNALLED < code < SIGNALLED + signal.NSIG else code
