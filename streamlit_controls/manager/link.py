"""The manager's end of the line to its keeper."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from streamlit_controls.core.errors import ControllerError

MESSAGE_BYTES = 4096
PAUSE = 0.2
"""Seconds between a keeper's death and its successor: one that cannot live must not spin."""

BEAT = 5.0
"""Seconds between two signs of life; the keeper ends a manager that gives none for long."""

PATIENCE = 5.0
"""Seconds for which a keeper may leave so much unread that no more can be sent to it."""

log = logging.getLogger(__name__)


class KeeperLink:
    """Stores copies of descriptors with the keeper, and gets those of a predecessor back."""

    def __init__(self, project: Path, link: socket.socket) -> None:
        self._project = project
        self._link = link
        self._keeper: subprocess.Popen[bytes] | None = None
        """The keeper that this manager started, if it had to; else it is this one's parent."""
        self._send({"do": "beat"})
        self.inherited: dict[str, int] = self._receive_all()
        """Descriptors that a predecessor stored, by name; whoever wants one takes it."""
        self._link.settimeout(PATIENCE)

    def store(self, name: str, descriptor: int) -> None:
        """Have the keeper hold a copy of a descriptor."""
        self._send({"do": "store", "name": name}, [descriptor])

    def drop(self, name: str) -> None:
        """Have the keeper close its copy."""
        self._send({"do": "drop", "name": name})

    def ready(self) -> None:
        """Tell the keeper that the manager works, so that it is worth restarting."""
        self._send({"do": "ready"})

    def leave(self) -> None:
        """Tell the keeper that this manager's end is meant."""
        self._send({"do": "leave"})

    def make_way(self) -> None:
        """Have the keeper start the next manager from what is on disk now, once this one ends.

        Raises ControllerError where there is no keeper just now.
        """
        if not self._send({"do": "reload"}):
            raise ControllerError("the keeper is just being replaced", "try again in a moment")

    def watch(self, stored: Callable[[], Mapping[str, int]]) -> None:
        """Start a new keeper when this one dies, and give it copies of all that is `stored`.

        From now on, tell it again and again that this manager lives.
        """

        def gone() -> None:
            loop.remove_reader(self._link)
            self._link.close()
            loop.call_later(PAUSE, replace)

        def replace() -> None:
            try:
                self._link = self._start_keeper()
            except OSError as error:
                log.error("the keeper is gone, and no other can be started yet: %s", error)
                loop.call_later(BEAT, replace)
                return
            for name, descriptor in stored().items():
                self.store(name, descriptor)
            self.ready()
            loop.add_reader(self._link, gone)

        def beat() -> None:
            self._send({"do": "beat"})
            loop.call_later(BEAT, beat)

        loop = asyncio.get_running_loop()
        loop.add_reader(self._link, gone)
        beat()

    def _start_keeper(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-m", "streamlit_controls.keeper"]
        command += ["--project", str(self._project), "--manager", str(os.getpid())]
        command += ["--link-fd", str(theirs.fileno())]
        if self._keeper is not None:
            self._keeper.poll()  # the one before is reaped
        with theirs:
            self._keeper = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        ours.settimeout(PATIENCE)
        return ours

    def _send(self, message: Mapping[str, str], descriptors: list[int] | None = None) -> bool:
        """Say something to the keeper; return whether there is one."""
        try:
            socket.send_fds(self._link, [json.dumps(message).encode()], descriptors or [])
        except TimeoutError:
            self._end_keeper()
            return False
        except OSError:  # its successor gets everything: see watch
            return False
        return True

    def _end_keeper(self) -> None:
        """End a keeper that hangs: what it does not know of, it could not hand on."""
        log.error("the keeper does not listen: it is killed and replaced")
        self._link.settimeout(0)  # not to wait for it once more
        if self._keeper is not None:
            self._keeper.kill()
        elif (parent := _keeper_above()) is not None:
            os.kill(parent, signal.SIGKILL)

    def _receive_all(self) -> dict[str, int]:
        found: dict[str, int] = {}
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._link, MESSAGE_BYTES, 1)
            name = json.loads(data)["name"] if data else None
            if name is None:
                return found
            for descriptor in descriptors:  # none where this process may not open one more
                os.set_inheritable(descriptor, False)
                found[name] = descriptor


def _keeper_above() -> int | None:
    """Return the pid of this process's parent where that is a keeper."""
    parent = os.getppid()
    with contextlib.suppress(OSError):
        if b"streamlit_controls.keeper" in Path(f"/proc/{parent}/cmdline").read_bytes():
            return parent
    return None
