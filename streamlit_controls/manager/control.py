"""The control port: reads requests, lets commands answer them, one connection each."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable

from streamlit_controls.core import protocol
from streamlit_controls.core.errors import ControllerError, ProtocolError
from streamlit_controls.core.protocol import MAX_LINE, Message, Request
from streamlit_controls.manager.listeners import BACKLOG

REQUEST_TIMEOUT = 10.0
"""Seconds that a client has to send its line."""

WRITE_TIMEOUT = 30.0
"""Seconds that a client may leave its answers unread."""

LINGER = 1.0
"""Seconds in which a refused client may finish what it sends."""

MAX_CONNECTIONS = 512
"""Connections at once; for one more, who has waited longest without a request makes room."""

ACCEPTED_AT_ONCE = 64
"""Connections taken in one turn of the loop.

So whoever sends its line at once is heard before it is among the oldest, however many come.
"""

Commands = Callable[[Request], AsyncIterator[Message]]
"""Answers a request with progress messages and a reply; raises ControllerError."""

log = logging.getLogger(__name__)


class ControlServer:
    """Serves the control protocol on a listening socket."""

    def __init__(self, token: str, commands: Commands) -> None:
        self._token = token
        self._commands = commands
        self._connections: set[asyncio.Task[None]] = set()
        self._unanswered: dict[asyncio.StreamWriter, bool] = {}
        """Connections that ask for nothing, the oldest first; whether they were told so."""
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Begin to answer."""
        # A connection holds as much as one request, also in the kernel.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MAX_LINE)
        self._server = await asyncio.start_server(
            self._connected, sock=listener, limit=MAX_LINE, backlog=ACCEPTED_AT_ONCE
        )
        listener.listen(BACKLOG)  # this many may wait, however few are taken in one turn

    async def close(self) -> None:
        """Take no more requests; give those under way a moment to hear their reply."""
        if self._server is not None:
            self._server.close()
        current = asyncio.current_task()
        waiting = {task for task in self._connections if task is not current}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._unanswered[writer] = False
        try:
            await self._converse(reader, writer, refused=not self._make_room(writer))
        except ConnectionError:
            pass  # the client went
        except TimeoutError:
            writer.transport.abort()  # it does not read
        finally:
            self._unanswered.pop(writer, None)
            try:
                await self._close(writer)
            finally:
                self._connections.discard(task)

    def _make_room(self, newcomer: asyncio.StreamWriter) -> bool:
        """Return whether there is room for a newcomer; if need be, another one has to go."""
        if len(self._connections) <= MAX_CONNECTIONS:
            return True
        oldest = next(iter(self._unanswered))
        if oldest is newcomer:
            return False  # all others are being answered
        if not self._unanswered.pop(oldest):
            oldest.write(protocol.encode(protocol.failure(_crowded())))
        oldest.transport.abort()
        return True

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, refused: bool
    ) -> None:
        try:
            if refused:
                raise _crowded()
            request = protocol.parse_request(await self._line(reader), self._token)
        except ControllerError as error:
            if writer in self._unanswered:
                self._unanswered[writer] = True
            await self._send(writer, protocol.failure(error))
            await _read_out(reader, writer)
            return
        self._unanswered.pop(writer, None)
        gone = asyncio.create_task(_gone(reader))
        try:
            await self._answer(request, writer, gone)
        except ControllerError as error:
            await self._send(writer, protocol.failure(error))
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:
            log.exception("control: %s failed", request.verb)
            inside = ControllerError(f"an error inside the manager: {error!r}", "see its log")
            await self._send(writer, protocol.failure(inside))
        finally:
            gone.cancel()

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                return await reader.readuntil(b"\n")
        except TimeoutError as error:
            raise ProtocolError(f"no line within {REQUEST_TIMEOUT:.0f} seconds") from error
        except asyncio.IncompleteReadError as error:
            raise ProtocolError("the connection ended before the line did") from error
        except asyncio.LimitOverrunError as error:
            raise ProtocolError(f"the line is longer than {MAX_LINE} bytes") from error

    async def _answer(
        self, request: Request, writer: asyncio.StreamWriter, gone: asyncio.Task[None]
    ) -> None:
        messages = self._commands(request)
        try:
            while True:
                following = asyncio.ensure_future(anext(messages))
                await asyncio.wait({following, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    return
                await self._send(writer, following.result())
        except StopAsyncIteration:
            pass
        finally:
            following.cancel()
            await asyncio.wait({following})
            await messages.aclose()  # type: ignore[attr-defined]

    async def _send(self, writer: asyncio.StreamWriter, message: Message) -> None:
        writer.write(protocol.encode(message))
        async with asyncio.timeout(WRITE_TIMEOUT):
            await writer.drain()

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        """Close a connection, once its client has read the last words, or had the time to."""
        serving = self._server is not None and self._server.is_serving()
        writer.close()
        try:
            async with asyncio.timeout(WRITE_TIMEOUT if serving else LINGER):
                await writer.wait_closed()
        except (ConnectionError, TimeoutError):
            pass
        finally:
            writer.transport.abort()


def _crowded() -> ControllerError:
    return ControllerError("too many connections", "try again in a moment")


async def _read_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take what a client still sends: closed before that is read, it would not see its answer."""
    with contextlib.suppress(OSError, TimeoutError):
        writer.write_eof()  # raises where the client has gone meanwhile
        async with asyncio.timeout(LINGER):
            while await reader.read(MAX_LINE):
                pass


async def _gone(reader: asyncio.StreamReader) -> None:
    """Return when the client closes its end; what else it sends is not listened to."""
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass
