"""Holds the descriptors of one project and keeps its manager running."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from streamlit_controls.keeper import process

MESSAGE_BYTES = 4096
QUICK = 5.0
"""Seconds; a manager that lived shorter is started again only after a pause."""

LOOK = 1.0
SILENCE = 60.0
"""Seconds between two looks, and after which a manager that says nothing is killed."""

PATIENCE = 30.0
"""Seconds for which a manager that starts may leave its predecessor's descriptors unread."""


class Keeper:
    """Holds one project's descriptors and keeps its manager running."""

    def __init__(self, project: Path, lock: int, ready: int | None = None) -> None:
        self._project = project
        self._lock = lock
        self._ready = ready
        self._stored: dict[str, int] = {}
        self._link: socket.socket | None = None
        self._manager: int | None = None
        self._came_up = False
        self._leaving = False
        self._making_way = False
        self._told_to_end = False
        self._ends_missed = 0
        """How many managers died that were to end everything."""
        self._heard_at: float | None = None

    def run(self) -> int:
        """Keep the manager until it says that it leaves for good; return the exit code."""
        quick_deaths = 0
        while True:
            started = time.monotonic()
            try:
                self._start_manager()
            except OSError as error:
                process.say(f"the manager cannot be started: {error}")
            else:
                self._serve()
            gone, self._manager = self._manager, None  # the number may be another's soon
            if self._leaving:
                return self._left()
            if not self._came_up:
                return 1  # it never did: whoever started us reads its last words in the log
            self._ends_missed += self._told_to_end
            if self._ends_missed > 1:  # the next one would not come up either
                process.say("no manager ends what runs: it is ended without one")
                process.end_children()
                return 1
            if self._making_way and not self._told_to_end:
                self._become_new()  # and where that cannot be, go on
            quick_deaths = quick_deaths + 1 if time.monotonic() - started < QUICK else 0
            process.say(f"the manager, pid {gone}, is gone: starting it again")
            if quick_deaths > 1:
                time.sleep(min(0.1 * 2**quick_deaths, 5.0))

    def adopt(self, manager: int, link: socket.socket) -> int:
        """Take over a running manager, whose own keeper died; then keep it as any other."""
        self._manager, self._link, self._came_up = manager, link, True
        with contextlib.suppress(ProcessLookupError):  # it may have followed its keeper
            self._serve()
        self._manager = None
        return self._left() if self._leaving else self.run()

    def resume(self, stored: dict[str, int]) -> int:
        """Go on with what this process held before it ran other code."""
        process.say("runs the code that is on disk now")
        self._stored, self._came_up = stored, True
        return self.run()

    def stop_manager(self, *_: object) -> None:
        """Pass a request to end on to the manager, which ends everything in order.

        Where there is none just now, the next one gets it.
        """
        self._told_to_end = True
        if self._manager is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._manager, signal.SIGTERM)

    def _left(self) -> int:
        (self._project / ".state/run/address").unlink(missing_ok=True)
        return 0

    def _start_manager(self) -> None:
        self._heard_at = None
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-m", "streamlit_controls.manager"]
        command += ["--project", str(self._project), "--link-fd", str(theirs.fileno())]
        passed = [theirs.fileno()]
        if self._ready is not None:
            command += ["--ready-fd", str(self._ready)]
            passed.append(self._ready)
        with theirs:
            started = subprocess.Popen(
                command,
                pass_fds=passed,
                stdin=subprocess.DEVNULL,
                process_group=0,  # what a terminal sends is for this process alone
            )
        started.returncode = 0  # reaped below, together with what we inherit
        self._manager = started.pid
        self._link.settimeout(PATIENCE)
        try:
            for name, descriptor in self._stored.items():
                socket.send_fds(self._link, [json.dumps({"name": name}).encode()], [descriptor])
            self._link.send(b'{"name": null}')
        except TimeoutError:
            process.say(f"the manager, pid {started.pid}, does not begin: it is killed")
            os.kill(started.pid, signal.SIGKILL)
        except OSError:
            pass  # it is gone already

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
        looked_at = time.monotonic()
        while True:
            ready = dict(poll.poll(LOOK * 1000))
            # First all that it said, then what to think of it.
            while self._receive():
                pass
            if ready.get(self._link.fileno(), 0) & (select.POLLHUP | select.POLLERR):
                poll.unregister(self._link)
            self._reap()
            if alive in ready:
                break
            looked_at = self._judge(alive, looked_at)
        os.close(alive)
        self._link.close()

    def _judge(self, alive: int, looked_at: float) -> float:
        """Kill a manager that has said nothing for too long; return the moment of this look.

        It says something every few seconds, once it has said so first. Time that this process did
        not see pass, stopped or starved, is nobody's silence.
        """
        now = time.monotonic()
        if self._heard_at is not None and now - looked_at > 5 * LOOK:
            self._heard_at = now
        if self._heard_at is not None and now - self._heard_at > SILENCE:
            silence = f"has said nothing for {now - self._heard_at:.0f} s"
            process.say(f"the manager, pid {self._manager}, {silence}: it is killed")
            self._heard_at = None
            signal.pidfd_send_signal(alive, signal.SIGKILL)
        return now

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
                if descriptors:  # none where this process may not open one more
                    self._stored[message["name"]] = descriptors[0]
            case "drop":
                self._drop(message["name"])
            case "beat":
                self._heard_at = time.monotonic()
            case "ready":
                self._came_up = True
                if self._ready is not None:
                    os.close(self._ready)
                    self._ready = None
                if self._told_to_end:
                    self.stop_manager()
            case "leave":
                self._leaving = True
            case "reload":
                self._making_way = True
        return True

    def _drop(self, name: str) -> None:
        descriptor = self._stored.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def _become_new(self) -> None:
        """Run the code that is on disk now; return only where that fails, and the old goes on."""
        self._making_way = False
        command = ["-P", "-m", "streamlit_controls.keeper", "--project", str(self._project)]
        try:
            process.run_anew(command, self._lock, self._stored)
        except OSError as error:
            process.say(f"the new code cannot be run, the old goes on: {error}")
