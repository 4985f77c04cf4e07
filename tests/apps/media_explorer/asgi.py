"""Asks an ASGI app by its bare path, dots and all: HTTP clients tidy paths up before they send."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


def ask(
    app: ASGIApp,
    path: str,
    query: str = "",
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    root_path: str = "",
) -> Answer:
    """Send one request, as uvicorn hands it on, and gather the answer.

    What an app raises after it answered is for the log of whoever runs it, so it is dropped here.
    """
    answer = Answer()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}
        answer.body += message.get("body", b"")

    async def run() -> None:
        asked = False
        never = asyncio.Event()

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await never.wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": root_path + unquote(path, errors="replace"),
            "raw_path": (root_path + path).encode(),
            "root_path": root_path,
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await asyncio.wait_for(app(scope, receive, send), timeout=30)

    try:
        asyncio.run(run())
    except Exception:
        if not answer.status:
            raise
    return answer
