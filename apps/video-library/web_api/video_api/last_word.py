"""Refusals that a client hears although it is still sending.

Whoever closes a connection on which bytes wait unread has the other side's answer thrown away. So
some of the rest is read, for a short time, and then the connection ends: the rest is not wanted.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE = 2.0
"""Seconds."""
MOST_BYTES = 32 * 1024 * 1024


class LastWord:
    """Ends the connection after an error, if the body has not been read to its end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        is_read = is_asked = is_refusal = False

        async def noting() -> Message:
            nonlocal is_read, is_asked
            is_asked = True
            message = await receive()
            is_read = is_read or not message.get("more_body", False)
            return message

        async def lingering(message: Message) -> None:
            nonlocal is_refusal
            if message["type"] == "http.response.start":
                is_refusal = message["status"] >= 400 and not is_read
                if is_refusal:
                    MutableHeaders(scope=message)["Connection"] = "close"
            elif is_refusal and not message.get("more_body", False):
                await send({**message, "more_body": True})
                # Who waits to be told to go on has sent nothing yet.
                if is_asked or "expect" not in Headers(scope=scope):
                    await drain(noting)
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        async def drain(receive: Receive) -> None:
            left = MOST_BYTES
            try:
                async with asyncio.timeout(PATIENCE):
                    while not is_read and left > 0:
                        left -= len((await receive()).get("body", b""))
            except TimeoutError:
                return

        await self._app(scope, noting, lingering)


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
