"""What apps left behind: processes that no process of ours looks after any more."""

import contextlib

import psutil


def end_all() -> None:
    """Kill the processes that went to the keeper when their parents ended."""
    own = psutil.Process()
    parent = own.parent()
    if parent is None or "streamlit_controls.keeper" not in parent.cmdline():
        return
    mine = {own.pid, *(child.pid for child in own.children(recursive=True))}
    for process in parent.children(recursive=True):
        if process.pid not in mine:
            with contextlib.suppress(psutil.Error):
                process.kill()
