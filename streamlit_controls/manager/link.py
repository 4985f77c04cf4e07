"""The manager's end of the line to its keeper."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

MESSAGE_BYTES = 4096
PAUSE = 0.2
"""Seconds between a keeper's death and its successor: one that cannot live must not spin."""


class KeeperLink:
    """Stores copies of descriptors with the keeper, and gets those of a predecessor back."""

    def __init__(self, project: Path, link: socket.socket) -> None:
        self._project = project
        self._link = link
        self.inherited: dict[str, int] = self._receive_all()
        """Descriptors that a predecessor stored, by name; whoever wants one takes it."""

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

    def watch(self, stored: Callable[[], Mapping[str, int]]) -> None:
        """Start a new keeper when this one dies, and give it copies of all that is `stored`."""

        def gone() -> None:
            loop.remove_reader(self._link)
            self._link.close()
            loop.call_later(PAUSE, replace)

        def replace() -> None:
            self._link = self._start_keeper()
            for name, descriptor in stored().items():
                self.store(name, descriptor)
            self.ready()
            loop.add_reader(self._link, gone)

        loop = asyncio.get_running_loop()
        loop.add_reader(self._link, gone)

    def _start_keeper(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-m", "streamlit_controls.keeper"]
        command += ["--project", str(self._project), "--manager", str(os.getpid())]
        command += ["--link-fd", str(theirs.fileno())]
        subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        return ours

    def _send(self, message: Mapping[str, str], descriptors: list[int] | None = None) -> None:
        # Where the keeper is gone, its successor gets everything: see watch.
        with contextlib.suppress(OSError):
            socket.send_fds(self._link, [json.dumps(message).encode()], descriptors or [])

    def _receive_all(self) -> dict[str, int]:
        found: dict[str, int] = {}
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._link, MESSAGE_BYTES, 1)
            name = json.loads(data)["name"] if data else None
            if name is None:
                return found
            os.set_inheritable(descriptors[0], False)
            found[name] = descriptors[0]
