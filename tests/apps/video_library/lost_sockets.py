"""Closes what PyMongo loses, so that no later test is blamed for a socket that was left open.

A client that is closed, or a request that is cancelled, while a connection is being made leaves the
connection's socket to the garbage collector. For a service that is of no consequence.
"""

import socket
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.asynchronous import pool


@pytest.fixture(scope="session", autouse=True)
def no_lost_sockets() -> Iterator[None]:
    """Have PyMongo close the socket of a connection that is cancelled before it is made."""
    connect = pool._configured_protocol_interface  # type: ignore[attr-defined]

    async def closing(*args: Any) -> Any:
        try:
            return await connect(*args)
        except BaseException as error:
            for frame, _ in traceback.walk_tb(error.__traceback__):
                lost = frame.f_locals.get("sock")
                if isinstance(lost, socket.socket):
                    lost.close()
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_configured_protocol_interface", closing)
        yield
