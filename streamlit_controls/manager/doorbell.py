"""Waits at the sockets of what sleeps, and rings when somebody comes."""

import asyncio
import socket
from collections.abc import Callable


class Doorbell:
    """Watches listening sockets; whoever connects is left in the kernel's queue meanwhile.

    Several replicas may wait at the same socket: it rings for all of them.
    """

    def __init__(self, ring: Callable[[int], None]) -> None:
        self._ring = ring
        self._watched: dict[int, list[socket.socket]] = {}

    def watch(self, replica: int, sockets: list[socket.socket]) -> None:
        """Ring once, with the replica's number, when somebody connects to one of its sockets."""
        self.silence(replica)
        self._watched[replica] = sockets
        loop = asyncio.get_running_loop()
        for each in sockets:
            loop.add_reader(each, self._rung, each)

    def silence(self, replica: int) -> None:
        """Stop to watch for a replica."""
        loop = asyncio.get_running_loop()
        for each in self._watched.pop(replica, []):
            if not self._waiting_at(each):
                loop.remove_reader(each)

    def _rung(self, at: socket.socket) -> None:
        for replica in self._waiting_at(at):
            self.silence(replica)
            self._ring(replica)

    def _waiting_at(self, at: socket.socket) -> list[int]:
        return [replica for replica, sockets in self._watched.items() if at in sockets]
