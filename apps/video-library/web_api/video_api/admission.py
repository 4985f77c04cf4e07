"""What is refused before anything of it is read: other sites' requests, and unwanted bodies."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from video_api.cross_site import is_cross_site
from video_api.errors import ApiError, answer

MOST_BYTES = 8192
UPLOADS = "/videos"
"""The only path to which large bodies may be sent."""

_CROSS_SITE = ApiError(
    403, "cross-site", "Another site's page may not do this.", "Use the library's own page."
)
_TOO_LARGE = ApiError(413, "body-too-large", f"The body has more than {MOST_BYTES} bytes.")
_NO_LENGTH = ApiError(411, "length-required", "The request must tell its Content-Length.")
_NOT_JSON = ApiError(415, "unsupported-media-type", "The body must be application/json.")


class Admission:
    """Decides by the head of a request alone."""

    def __init__(self, app: ASGIApp, trusted: Collection[str]) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (answer(refusal) if refusal else self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ApiError | None:
        headers = Headers(scope=scope)
        if is_cross_site(scope["method"], headers, self._trusted):
            return _CROSS_SITE
        if scope["path"].removeprefix(scope["root_path"]) == UPLOADS:
            return None
        if "transfer-encoding" in headers:
            return _NO_LENGTH
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return _TOO_LARGE
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        return _NOT_JSON if int(length) and kind != "application/json" else None
