"""What holds for all requests: bodies are small, and no answer is kept or guessed at."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from video_auth.failure import failure

MOST_BYTES = 8192
"""Of a body."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
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
        answer: ASGIApp = self._app
        if len(body) > MOST_BYTES:
            said = f"A body has {MOST_BYTES} bytes at the most."
            answer = failure(413, "body-too-large", said)
        await answer(scope, _replay(body, receive), _with_headers(send))


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once, and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sent
