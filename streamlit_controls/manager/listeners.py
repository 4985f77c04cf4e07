"""The listening sockets of everything that is served, by port."""

import contextlib
import ctypes
import errno
import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

import psutil

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.manager.inside import inside
from streamlit_controls.manager.link import KeeperLink

BACKLOG = 1024
PIDFD_GETFD = 438
"""The number of the system call, the same on every architecture; Python has no name for it."""


class Listeners:
    """Listens on ports on behalf of processes, so that connections wait while none is there.

    The keeper has a copy of each socket; a new manager finds them there.
    """

    def __init__(self, link: KeeperLink) -> None:
        self._link = link
        self._sockets: dict[int, socket.socket] = {}
        for name in [name for name in link.inherited if name.startswith("port:")]:
            listener = socket.socket(fileno=link.inherited.pop(name))
            self._sockets[listener.getsockname()[1]] = listener

    def open(self, port: int, host: str = "127.0.0.1") -> socket.socket:
        """Return the socket that listens on a port; 0 is a free port of the system's choice.

        Raises LaunchError where another program has the port.
        """
        listener = self._sockets.get(port)
        if listener is not None and _address(listener) == _numeric(host):
            return listener
        if listener is not None:
            self.close(port)
        listener = listen(host, port)
        port = listener.getsockname()[1]
        self._sockets[port] = listener
        self._link.store(f"port:{port}", listener.fileno())
        return listener

    def recover(self, port: int, pid: int) -> bool:
        """Take a copy of a port's socket from the process that serves it; return whether it is had.

        For when the keeper's copies are lost: manager and keeper were killed at once.
        """
        if port in self._sockets:
            return True
        listener = copy_listener(
            pid, "tcp", lambda each: each.status == psutil.CONN_LISTEN and each.laddr.port == port
        )
        if listener is None:
            return False
        self._sockets[port] = listener
        self._link.store(f"port:{port}", listener.fileno())
        return True

    def close(self, port: int) -> None:
        """Stop listening on a port; who waits there is turned away."""
        listener = self._sockets.pop(port, None)
        if listener is not None:
            listener.close()
            self._link.drop(f"port:{port}")

    def stored(self) -> Mapping[str, int]:
        """Return what the keeper should hold, by name."""
        return {f"port:{port}": listener.fileno() for port, listener in self._sockets.items()}


def copy_listener(pid: int, kind: str, is_it: Callable[[Any], bool]) -> socket.socket | None:
    """Return a copy of a socket at which a process listens, None where the system lets us not.

    `kind` is tcp or unix; `is_it` is asked about each of its connections, as psutil tells them.
    """
    pid = inside(pid) or pid  # who waits for a sandboxed one has none of its sockets
    with contextlib.suppress(psutil.Error, OSError):
        connections = psutil.Process(pid).net_connections(kind)
        for descriptor in sorted({each.fd for each in connections if is_it(each)}):
            found = socket.socket(fileno=copy_descriptor(pid, descriptor))
            if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return found
            found.close()
    return None


def copy_descriptor(pid: int, descriptor: int) -> int:
    """Return a copy of another process's descriptor; raise OSError where that is not allowed."""
    pidfd = os.pidfd_open(pid)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        found: int = libc.syscall(PIDFD_GETFD, pidfd, descriptor, 0)
        if found < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
    finally:
        os.close(pidfd)
    return found


def listen(host: str, port: int) -> socket.socket:
    """Return a new listening socket.

    The protocol is given explicitly: for sockets made with protocol 0, asyncio leaves Nagle's
    algorithm on, and each small answer waits 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise LaunchError(*_explain(error, host, port)) from error
    return listener


def _explain(error: OSError, host: str, port: int) -> tuple[str, str]:
    if error.errno == errno.EADDRINUSE:
        return _taken(port)
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights", "choose a port above 1023"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is no address of this machine", "correct host in config.json"
    return f"port {port} on {host} cannot be opened: {error.strerror}", ""


def _taken(port: int) -> tuple[str, str]:
    """Return who has a port, where that can be seen, and what to do about it."""
    hint = "stop that program or choose another port"
    try:
        listening = [
            each.pid
            for each in psutil.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port
        ]
        if not listening:
            return (
                f"port {port} is taken by a connection for the moment",
                "refresh, or choose one below those that the system gives to connections",
            )
        if listening[0] is not None:
            name = psutil.Process(listening[0]).name()
            return f"port {port} is taken by {name}, pid {listening[0]}", hint
    except (psutil.Error, OSError):
        pass
    return f"port {port} is taken by another program", hint


def _address(listener: socket.socket) -> str:
    return str(listener.getsockname()[0])


def _numeric(host: str) -> str:
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError:
        return host
