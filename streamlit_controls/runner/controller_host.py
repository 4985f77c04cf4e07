"""Lets the page around an app speak to it, where that page is of the same site."""

from __future__ import annotations

import json
from typing import Any

HOST_CONFIG = "/_stcore/host-config"
"""Where Streamlit's client asks whom it may listen to."""


class Hosted:
    """The ASGI app around another one: adds the visitor's own site to whom the client listens to.

    A page of the same site may do everything in the app's page anyway. Which schemes and names the
    site is reached by, only the visitor's browser knows.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(HOST_CONFIG):
            await self._app(scope, receive, send)
            return
        start: Any = None
        body = b""

        async def sent(message: Any) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = with_own_site(body, scope) if start["status"] == 200 else body
            headers = [each for each in start["headers"] if each[0].lower() != b"content-length"]
            length = (b"content-length", str(len(body)).encode())
            await send({**start, "headers": [*headers, length]})
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, sent)


def with_own_site(body: bytes, scope: Any) -> bytes:
    """Return the answer with the site that was asked, as its visitor's browser names it."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    try:
        document = json.loads(body)
        allowed = list(document["allowedOrigins"])
    except (ValueError, KeyError, TypeError):
        return body  # another release's shape: then nobody speaks to the page
    document["allowedOrigins"] = [*allowed, f"https://{host}", f"http://{host}"]
    return json.dumps(document).encode()
