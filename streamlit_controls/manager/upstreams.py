"""The Unix sockets by which the gateway reaches the instances of pages, by name."""

import contextlib
import logging
import os
import socket
from collections.abc import Collection, Mapping
from pathlib import Path

from streamlit_controls.manager.link import KeeperLink
from streamlit_controls.manager.listeners import BACKLOG, copy_listener
from streamlit_controls.manager.reserve import Reserve

log = logging.getLogger(__name__)


class Upstreams:
    """Listens beside each page's port, and gives each instance's id as a name to its socket.

    `sockets/<port>` is a socket, `upstreams/<id>` a link to it. A new process on the same port
    gets the same socket: what waits for the one before is answered by its successor. So the
    gateway finds every instance by the id in its address, and needs no new configuration for it.
    """

    def __init__(self, run: Path, link: KeeperLink) -> None:
        # Relative, as a Unix socket's path has 107 bytes at the most.
        self._run = Path(os.path.relpath(run))
        self._link = link
        self._reserve = Reserve(run)
        self._sockets: dict[int, socket.socket] = {}
        self._unnamed: dict[str, tuple[int, bool]] = {}
        """Instances that have no name yet, and what is to be known for that."""
        for folder in ("sockets", "upstreams"):
            (self._run / folder).mkdir(parents=True, exist_ok=True)
        for name in [name for name in link.inherited if name.startswith("upstream:")]:
            upstream = socket.socket(fileno=link.inherited.pop(name))
            self._sockets[int(name.partition(":")[2])] = upstream

    def open(self, port: int) -> socket.socket:
        """Return the socket that stands beside a port."""
        upstream = self._sockets.get(port)
        if upstream is not None:
            return upstream
        path = self._path(port)
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        upstream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        upstream.bind(str(path))
        upstream.listen(BACKLOG)
        upstream.setblocking(False)
        self._sockets[port] = upstream
        self._link.store(f"upstream:{port}", upstream.fileno())
        return upstream

    def recover(self, port: int, pid: int) -> None:
        """Take a copy of the socket beside a port from the process that serves it, if need be."""
        path = str(self._path(port))
        if port in self._sockets:
            return
        upstream = copy_listener(pid, "unix", lambda each: each.laddr == path)
        if upstream is not None:
            self._sockets[port] = upstream
            self._link.store(f"upstream:{port}", upstream.fileno())

    def name(self, instance: str, port: int, *, alone: bool = False) -> None:
        """Make the instance of a port reachable by its id, and by that of the one before it.

        Who was told a moment ago where to go still goes there; `alone`, nobody does. Where a name
        cannot be made, nobody finds that instance until `mend` could make it.
        """
        self._forget(port)
        self._unnamed[instance] = port, alone
        try:
            self.mend()
        except OSError as error:
            log.error("port %s: nobody finds %s there: %s", port, instance, error)

    @property
    def all_named(self) -> bool:
        """Whether every instance is found by its id."""
        return not self._unnamed

    def mend(self) -> None:
        """Make the names that could not be made before; raise the first OSError."""
        failures = []
        for instance, (port, alone) in list(self._unnamed.items()):
            try:
                self._name(instance, port, alone)
                del self._unnamed[instance]
            except OSError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def _name(self, instance: str, port: int, alone: bool) -> None:
        others = [link for link in self._links(port) if link.name != instance]
        link, target = self._run / "upstreams" / instance, Path("..") / "sockets" / str(port)
        if not link.is_symlink() or link.readlink() != target:
            link.unlink(missing_ok=True)
            self._reserve.spend(lambda: _link(link, target))
        for other in others[0 if alone else 1 :]:
            other.unlink(missing_ok=True)

    def close(self, port: int) -> None:
        """Stop listening beside a port, and take away the names that lead there."""
        upstream = self._sockets.pop(port, None)
        if upstream is not None:
            upstream.close()
            self._link.drop(f"upstream:{port}")
        self._forget(port)
        for path in (self._path(port), *self._links(port)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                log.error("port %s: %s stays: %s", port, path.name, error)

    def keep_only(self, ports: Collection[int]) -> None:
        """Close what belongs to none of these ports: left by a manager that was killed."""
        there = {int(path.name) for path in (self._run / "sockets").iterdir()}
        for port in (there | set(self._sockets)) - set(ports):
            self.close(port)

    def stored(self) -> Mapping[str, int]:
        """Return what the keeper should hold, by name."""
        return {f"upstream:{port}": each.fileno() for port, each in self._sockets.items()}

    def _forget(self, port: int) -> None:
        """Give up naming what was at a port before."""
        self._unnamed = {name: it for name, it in self._unnamed.items() if it[0] != port}

    def _links(self, port: int) -> list[Path]:
        """Return the names that lead to a port, the newest first."""
        found = []
        with contextlib.suppress(OSError):  # somebody has deleted the folder, say
            for link in (self._run / "upstreams").iterdir():
                with contextlib.suppress(OSError):
                    if link.readlink().name == str(port):
                        found.append((link.lstat().st_mtime_ns, link))
        return [link for _, link in sorted(found, reverse=True)]

    def _path(self, port: int) -> Path:
        return self._run / "sockets" / str(port)


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(target)
