"""Refuses bodies that are larger than any that is asked for."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rest.error import reason

MOST_BYTES = 4096


class BodyLimit:
    """Reads the whole body first, but no more of it than is good."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more and len(body) <= MOST_BYTES:
            message = await receive()
            if message["type"] != "http.request":  # whoever asked is gone
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            refusal = reason(413, "body-too-large", f"A body has {MOST_BYTES} bytes at the most.")
            await refusal(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once, and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
