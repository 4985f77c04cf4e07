"""A uvicorn server that ends without losing a request, or a session, when it is asked to."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import Any, Callable

from controller_activity import Activity

LOOK = 0.25
"""Seconds between two looks whether somebody is still there."""

LAST_REQUESTS = 0.05
"""Seconds in which what was accepted a moment ago is still read, after nothing more is accepted."""


def server(
    config: Any,
    activity: Activity,
    serving: Callable[[], None],
    is_left: Callable[[], bool],
    shares_socket: bool = False,
) -> Any:
    """Return a server for a uvicorn configuration; `serving` is called once it serves.

    `is_left` tells whether nobody is with it. What `shares_socket` leaves newcomers to its
    successor when it drains; what has an address of its own stays open for those who know it.
    """
    import uvicorn

    class Server(uvicorn.Server):
        _draining: Any = None

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                # What is imported by now stays for good: no collection need walk it again.
                gc.collect()
                gc.freeze()
                loop = asyncio.get_running_loop()
                loop.add_signal_handler(signal.SIGUSR2, self._asked_to_sleep)
                loop.add_signal_handler(signal.SIGUSR1, self._asked_to_drain)
                serving()

        def _asked_to_sleep(self) -> None:
            """End, unless somebody came of whom the manager does not know yet, or still reads."""
            if self._is_read() or activity.is_news():
                activity.note()
                activity.stay()
            else:
                self._accept_no_more()  # at once: the end comes with the server's next look
                activity.rest()
                self.should_exit = True

        def _asked_to_drain(self) -> None:
            """End as soon as nobody is there any more."""
            if self._draining is None:
                self._draining = asyncio.ensure_future(self._drain())

        async def _drain(self) -> None:
            if shares_socket:
                self._accept_no_more()
                await asyncio.sleep(LAST_REQUESTS)
            while self._is_read() or not is_left():
                if shares_socket:
                    self._let_go()
                await asyncio.sleep(LOOK)
            activity.rest()
            self.should_exit = True

        def _let_go(self) -> None:
            """Have connections end with the request that they carry, so that no more come."""
            for each in list(self.server_state.connections):
                if hasattr(each, "cycle"):  # websockets, which have none, are stayed for
                    each.shutdown()

        def handle_exit(self, sig: int, frame: Any) -> None:
            activity.rest()
            super().handle_exit(sig, frame)

        async def shutdown(self, sockets: Any = None) -> None:
            self._accept_no_more()
            await asyncio.sleep(LAST_REQUESTS)
            await super().shutdown(sockets)

        def _accept_no_more(self) -> None:
            """Leave whoever connects from now on in the socket's queue, for the next process."""
            for each in self.servers:
                each.close()

        def _is_read(self) -> bool:
            """Tell whether a client has yet to take what was sent: a large file in one piece."""
            return any(map(_has_more, self.server_state.connections))

    return Server(config)


def _has_more(connection: Any) -> bool:
    """Tell whether a connection has more to send than the system takes just now."""
    transport = getattr(connection, "transport", None)
    return transport is not None and transport.get_write_buffer_size() > 0
