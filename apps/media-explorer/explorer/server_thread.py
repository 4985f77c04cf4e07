"""A uvicorn server in a thread of the page's process, on a socket that listens already."""

import asyncio
import socket
import threading
import time
from typing import Any

import uvicorn

# How long a request that is being answered may still take when its server is to end.
GRACE_SECONDS = 10

# How long whoever has connected already may take to ask for something.
FIRST_REQUEST_SECONDS = 1.0
_LOOK_SECONDS = 0.01


class ServerThread(threading.Thread):
    """Serves an ASGI app from `start` until `stop`, or until the process's main thread ends."""

    def __init__(self, app: Any, listening: socket.socket) -> None:
        super().__init__(name="media-server", daemon=True)
        # uvicorn closes what it is given; the listening socket itself outlives this server.
        self._socket = listening.dup()
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,  # the page's process has its own
                access_log=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    def run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()
            self._server.settled.set()
            self._server.retired.set()

    def wait_until_serving(self, seconds: float) -> bool:
        """Whether it accepts connections within that time; False also if it has ended."""
        return self._server.settled.wait(seconds) and self.is_alive() and self._server.started

    def retire(self) -> None:
        """Take no more requests; what is being answered is finished after this has returned."""
        self._server.should_exit = True
        self._server.retired.wait(GRACE_SECONDS)

    def stop(self) -> None:
        """End, when what is being answered is answered."""
        self.retire()
        self.join(GRACE_SECONDS + 5)


class _Server(uvicorn.Server):
    """Says when it serves and when no more, and does not outlive the main thread.

    Its thread ends with the process anyway, but the threads that it works with would be waited for.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        self.retired = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or not threading.main_thread().is_alive()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self._first_requests()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)
        self.retired.set()
        await super().shutdown(sockets)

    async def _first_requests(self) -> None:
        """Read what those ask for who were let in just now: others would be refused an answer."""
        await asyncio.sleep(_LOOK_SECONDS)  # for those whose connection is still being made
        end = time.monotonic() + FIRST_REQUEST_SECONDS
        while time.monotonic() < end and any(map(_is_new, self.server_state.connections)):
            await asyncio.sleep(_LOOK_SECONDS)


def _is_new(connection: Any) -> bool:
    """Whether a connection has carried no request yet."""
    return getattr(connection, "cycle", None) is None
