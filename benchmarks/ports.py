"""Ports of loopback that nobody listens on, and that no outgoing connection is given meanwhile."""

import itertools
import os
import socket

FIRST, LAST = 22000, 32000
"""Below the range from which the system gives ports to outgoing connections."""

_next = itertools.cycle(range(FIRST + os.getpid() % 1000 * 9, LAST))


def free_ports(count: int) -> list[int]:
    """Return this many ports that were not returned before."""
    found: list[int] = []
    for port in itertools.islice(_next, LAST - FIRST):
        if len(found) == count:
            return found
        if _is_free(port):
            found.append(port)
    raise OSError(f"fewer than {count} free ports between {FIRST} and {LAST}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
