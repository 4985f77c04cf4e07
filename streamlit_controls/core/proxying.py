"""How the gateway asks whoever is behind it."""

from typing import Any

Json = dict[str, Any]

STREAM_CLOSE_DELAY = "24h"
"""How long a websocket survives the reload that took away its route."""


def proxy(dial: str) -> Json:
    """Return what passes a request on to an address."""
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": dial}],
        "stream_close_delay": STREAM_CLOSE_DELAY,
        # Who dies over a GET leaves it to its successor, which waits at the same socket. Requests
        # that may change something are repeated only where they could not be passed on at all.
        "load_balancing": {"retries": 1},
    }


def tcp(port: int | str) -> str:
    """Return the address of a port of loopback."""
    return f"127.0.0.1:{port}"
