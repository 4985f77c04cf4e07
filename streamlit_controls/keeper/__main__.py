"""Runs a keeper: `python -m streamlit_controls.keeper`."""

import argparse
import json
import os
import signal
import socket
import sys
from pathlib import Path

from streamlit_controls.keeper import process
from streamlit_controls.keeper.keeper import Keeper


def main() -> int:
    parser = argparse.ArgumentParser(prog="streamlit_controls.keeper")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--manager", type=int, help="take over this manager")
    parser.add_argument("--link-fd", type=int)
    parser.add_argument("--held-fd", type=int, help="go on with what this process held before")
    parser.add_argument("--check", action="store_true", help="end: all that is needed is here")
    arguments = parser.parse_args()
    if arguments.check:
        return 0
    process.inherit_orphans()
    process.allow_files()
    if arguments.held_fd is not None:
        lock, stored = process.take_over(arguments.held_fd)
        return obeying(Keeper(arguments.project, lock)).resume(stored)
    found = process.hold(arguments.project / ".state/run/keeper.lock")
    if found is None:
        refuse(arguments.ready_fd)
        return 1
    keeper = obeying(Keeper(arguments.project, found, arguments.ready_fd))
    if arguments.manager is not None:
        return keeper.adopt(arguments.manager, socket.socket(fileno=arguments.link_fd))
    return keeper.run()


def obeying(keeper: Keeper) -> Keeper:
    """Return the keeper, which passes requests to end on from now."""
    for number in process.TO_END:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, keeper.stop_manager)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, process.TO_END)
    return keeper


def refuse(ready: int | None) -> None:
    """Say that another keeper runs in this project."""
    if ready is None:
        process.say("it is running already")
        return
    error = {"code": "already-running", "message": "it is running already"}
    os.write(ready, json.dumps({"ok": False, "error": error}).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
