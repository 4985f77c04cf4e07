"""What a service sees of who asks how it is by the Unix socket that is its process's alone."""

from __future__ import annotations

from typing import Any

LOOPBACK = "127.0.0.1"


class Probed:
    """The ASGI app around another one: who has no address comes from loopback, like all others.

    A Unix socket's client has none, and many an app takes it for granted: `request.client.host`.
    """

    def __init__(self, app: Any, port: int) -> None:
        self._app = app
        self._port = port

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket") and scope.get("client") is None:
            scope = {**scope, "client": (LOOPBACK, 0), "server": (LOOPBACK, self._port)}
        await self._app(scope, receive, send)
