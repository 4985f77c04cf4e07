"""The manager's parent: restarts it, keeps its sockets, inherits what it leaves behind.

It does so little that it has no reason to fail, and imports nothing but the standard library.
Every descriptor that the manager stores here is handed to its successor, so that a manager that
dies refuses no connection. Processes that lose their parent come to this one and are reaped.
"""

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
MESSAGE_BYTES = 4096
FILES = 65536
QUICK = 5.0
"""Seconds; a manager that lived shorter is started again only after a pause."""


class Keeper:
    """Holds one project's descriptors and keeps its manager running."""

    def __init__(self, project: Path, ready: int | None) -> None:
        self._project = project
        self._ready = ready
        self._stored: dict[str, int] = {}
        self._link: socket.socket | None = None
        self._manager: int | None = None
        self._leaving = False
        self._told_to_end = False

    def run(self) -> int:
        """Keep the manager until it says that it leaves for good; return the exit code."""
        quick_deaths = 0
        while True:
            started = time.monotonic()
            self._start_manager()
            self._serve()
            gone, self._manager = self._manager, None  # the number may be another's soon
            if self._leaving:
                return self._left()
            if self._ready is not None:
                return 1  # it never came up: whoever started us reads its last words in the log
            quick_deaths = quick_deaths + 1 if time.monotonic() - started < QUICK else 0
            print(f"keeper: the manager, pid {gone}, is gone: starting it again")
            if quick_deaths > 1:
                time.sleep(min(0.1 * 2**quick_deaths, 5.0))

    def adopt(self, manager: int, link: socket.socket) -> int:
        """Take over a running manager, whose own keeper died; then keep it as any other."""
        self._manager, self._link = manager, link
        self._serve()
        self._manager = None
        return self._left() if self._leaving else self.run()

    def _left(self) -> int:
        (self._project / ".state/run/address").unlink(missing_ok=True)
        return 0

    def _start_manager(self) -> None:
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-m", "streamlit_controls.manager"]
        command += ["--project", str(self._project), "--link-fd", str(theirs.fileno())]
        passed = [theirs.fileno()]
        if self._ready is not None:
            command += ["--ready-fd", str(self._ready)]
            passed.append(self._ready)
        process = subprocess.Popen(command, pass_fds=passed, stdin=subprocess.DEVNULL)
        process.returncode = 0  # reaped below, together with what we inherit
        self._manager = process.pid
        theirs.close()
        for name, descriptor in self._stored.items():
            socket.send_fds(self._link, [json.dumps({"name": name}).encode()], [descriptor])
        self._link.send(b'{"name": null}')

    def _serve(self) -> None:
        """Store and drop what the manager says, until it is gone."""
        assert self._link is not None
        assert self._manager is not None
        # What a manager leaves behind may hold its end open: its last word is not waited for.
        self._link.setblocking(False)
        alive = os.pidfd_open(self._manager)
        poll = select.poll()
        poll.register(alive, select.POLLIN)
        poll.register(self._link, select.POLLIN)
        while True:
            ready = [descriptor for descriptor, _ in poll.poll(1000)]
            if self._link.fileno() in ready and not self._receive():
                poll.unregister(self._link)
            self._reap()
            if alive in ready:
                while self._receive():
                    pass  # what it said before it went
                break
        os.close(alive)
        self._link.close()

    def _receive(self) -> bool:
        """Carry out one message; return False where there is none."""
        assert self._link is not None
        try:
            data, descriptors, _, _ = socket.recv_fds(self._link, MESSAGE_BYTES, 1)
        except OSError:
            return False
        if not data:
            return False
        message = json.loads(data)
        match message["do"]:
            case "store":
                self._drop(message["name"])
                self._stored[message["name"]] = descriptors[0]
            case "drop":
                self._drop(message["name"])
            case "ready":
                if self._ready is not None:
                    os.close(self._ready)
                    self._ready = None
                if self._told_to_end:
                    self.stop_manager()
            case "leave":
                self._leaving = True
        return True

    def _drop(self, name: str) -> None:
        descriptor = self._stored.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def stop_manager(self, *_: object) -> None:
        """Pass a request to end on to the manager, which ends everything in order.

        Where there is none just now, the next one gets it.
        """
        self._told_to_end = True
        if self._manager is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._manager, signal.SIGTERM)


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


def allow_files() -> None:
    """Raise the limit of open files: hundreds of apps, with a few each, pass the usual 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main() -> int:
    parser = argparse.ArgumentParser(prog="streamlit_controls.keeper")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--manager", type=int, help="take over this manager")
    parser.add_argument("--link-fd", type=int)
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if hold(arguments.project / ".state/run/keeper.lock") is None:
        if arguments.ready_fd is not None:
            error = {"code": "already-running", "message": "it is running already"}
            os.write(arguments.ready_fd, json.dumps({"ok": False, "error": error}).encode() + b"\n")
        return 1
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    allow_files()
    keeper = Keeper(arguments.project, arguments.ready_fd)
    signal.signal(signal.SIGTERM, keeper.stop_manager)
    signal.signal(signal.SIGINT, keeper.stop_manager)
    if arguments.manager is not None:
        return keeper.adopt(arguments.manager, socket.socket(fileno=arguments.link_fd))
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main())
