"""Waits at the sockets of what sleeps, and rings when somebody comes."""

import asyncio
import socket
from collections.abc import Callable


class Doorbell:
    """Watches listening sockets; whoever connects is left in the kernel's queue meanwhile."""

    def __init__(self, ring: Callable[[int], None]) -> None:
        self._ring = ring
        self._watched: dict[int, list[socket.socket]] = {}

    def watch(self, replica: int, sockets: list[socket.socket]) -> None:
        """Ring once, with the replica's number, when somebody connects to one of its sockets."""
        self.silence(replica)
        self._watched[replica] = sockets
        loop = asyncio.get_running_loop()
        for each in sockets:
            loop.add_reader(each, self._rung, replica)

    def silence(self, replica: int) -> None:
        """Stop to watch for a replica."""
        loop = asyncio.get_running_loop()
        for each in self._watched.pop(replica, []):
            loop.remove_reader(each)

    def _rung(self, replica: int) -> None:
        self.silence(replica)
        self._ring(replica)
