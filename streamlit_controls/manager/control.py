"""The control port: reads requests, lets commands answer them, one connection each."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable

from streamlit_controls.core import protocol
from streamlit_controls.core.errors import ControllerError, ProtocolError
from streamlit_controls.core.protocol import MAX_LINE, Message, Request

REQUEST_TIMEOUT = 10.0
"""Seconds that a client has to send its line."""

WRITE_TIMEOUT = 30.0
"""Seconds that a client may leave its answers unread."""

LINGER = 1.0
"""Seconds in which a refused client may finish what it sends."""

MAX_CONNECTIONS = 512

Commands = Callable[[Request], AsyncIterator[Message]]
"""Answers a request with progress messages and a reply; raises ControllerError."""

log = logging.getLogger(__name__)


class ControlServer:
    """Serves the control protocol on a listening socket."""

    def __init__(self, token: str, commands: Commands) -> None:
        self._token = token
        self._commands = commands
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Begin to answer."""
        self._server = await asyncio.start_server(
            self._connected, sock=listener, limit=MAX_LINE, backlog=MAX_CONNECTIONS
        )

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
        try:
            await self._converse(reader, writer)
        except (ConnectionError, TimeoutError):
            pass  # the client went, or does not read
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if len(self._connections) > MAX_CONNECTIONS:
                raise ControllerError("too many connections", "try again in a moment")
            request = protocol.parse_request(await self._line(reader), self._token)
        except ControllerError as error:
            await self._send(writer, protocol.failure(error))
            await _read_out(reader, writer)
            return
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


async def _read_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take what a client still sends: closed before that is read, it would not see its answer."""
    writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while await reader.read(MAX_LINE):
                pass


async def _gone(reader: asyncio.StreamReader) -> None:
    """Return when the client closes its end; what else it sends is not listened to."""
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass
