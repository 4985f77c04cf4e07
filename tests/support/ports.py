"""Ports of loopback for the servers that tests start.

Between the choice of a port and its use time passes, in which another test could choose it, too.
So each worker has ports of its own, and goes through all of them before it gives one out again.
"""

import os
import random
import socket
from collections.abc import Iterator

BLOCK = 40
"""Ports side by side."""

FIRST, LAST = 10_120, 32_730
"""Where blocks begin: above 10080, which browsers do not open, and so that all of a block is below
the ports that the system gives to outgoing connections, which come and go at any time."""


def free_block() -> int:
    """Return the first of a block of ports that are all free just now."""
    for _ in range(FIRST, LAST, BLOCK):
        first = next(_blocks)
        if all(_is_free(port) for port in range(first, first + BLOCK)):
            return first
    raise AssertionError("no ports are free")


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    return next(_ports)


def _each_block() -> Iterator[int]:
    """Give all of this worker's blocks, again and again; suites that run beside it differ."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    blocks = list(range(FIRST, LAST, BLOCK))[worker::workers]
    while True:
        random.shuffle(blocks)
        yield from blocks


def _each_port() -> Iterator[int]:
    while True:
        first = free_block()
        yield from filter(_is_free, range(first, first + BLOCK))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_blocks = _each_block()
_ports = _each_port()
