"""A control server in the test's loop, and raw connections to it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from streamlit_controls.core import protocol
from streamlit_controls.core.errors import ControllerError, UnknownApp
from streamlit_controls.core.protocol import Message, Request
from streamlit_controls.manager.control import ControlServer
from streamlit_controls.manager.listeners import listen

TOKEN = "the-token-of-this-test"


class FakeCommands:
    """Answers a few verbs, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.ended: list[str] = []

    def __call__(self, request: Request) -> AsyncIterator[Message]:
        self.asked.append(request)
        match request.verb:
            case "status":
                return self._status()
            case "slow":
                return self._for_ever()
            case "flood":
                return self._flood()
            case "unknown":
                raise UnknownApp("there is no app 'x'", "there is: hello")
            case "late":
                return self._late()
            case "bug":
                return self._bug()
        raise ControllerError("no such verb")

    async def _status(self) -> AsyncIterator[Message]:
        yield protocol.progress("hello", None, "running", "ready")
        yield protocol.reply({"apps": {}})

    async def _for_ever(self) -> AsyncIterator[Message]:
        try:
            yield protocol.progress("hello", None, "building", "preparing its environment")
            await asyncio.Event().wait()
        finally:
            self.ended.append("slow")

    async def _flood(self) -> AsyncIterator[Message]:
        try:
            while True:
                yield protocol.snapshot({"x": "x" * 100_000})
        finally:
            self.ended.append("flood")

    async def _late(self) -> AsyncIterator[Message]:
        yield protocol.progress("hello", None, "building", "preparing its environment")
        raise ControllerError("it did not work", "try again")

    async def _bug(self) -> AsyncIterator[Message]:
        yield protocol.progress("hello", None, "building", "preparing its environment")
        raise KeyError("something inside")


class Connections:
    """The server under test, and ways to speak to it."""

    def __init__(self, server: ControlServer, commands: FakeCommands, port: int) -> None:
        self.server = server
        self.commands = commands
        self.port = port

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, limit=4 * 1024 * 1024)

    async def say(self, data: bytes, *, close: bool = False) -> list[Message]:
        """Send bytes as they are; return all messages that come until the server closes."""
        reader, writer = await self.open()
        try:
            writer.write(data)
            if close:
                writer.write_eof()
            await writer.drain()
            return [json.loads(line) for line in (await reader.read()).splitlines()]
        finally:
            await closed(writer)

    async def ask(self, verb: str, **args: Any) -> list[Message]:
        return await self.say(line(verb, **args))

    async def error(self, data: bytes, *, close: bool = False) -> str:
        """Return the code and the message of the one error reply that bytes get."""
        (reply,) = await self.say(data, close=close)
        assert (reply["type"], reply["ok"], reply["result"]) == ("reply", False, {})
        return f"{reply['error']['code']}: {reply['error']['message']}"


def line(verb: str, token: str = TOKEN, **args: Any) -> bytes:
    return protocol.encode(protocol.request(token, verb, args))


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Connections]:
    """Run a control server on a free port."""
    commands = FakeCommands()
    server = ControlServer(TOKEN, commands)
    listener = listen("127.0.0.1", 0)
    await server.start(listener)
    try:
        yield Connections(server, commands, listener.getsockname()[1])
    finally:
        await server.close()
        listener.close()
