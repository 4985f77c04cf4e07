"""Every error as JSON with a reason: {"error": {"code", "message", "hint"}}, and never a path."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from byte_range import RangeNotSatisfiableError
from media_error import MediaError

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

_STATUS = {
    "unauthorized": 401,
    "read-only": 403,
    "unknown-source": 404,
    "unknown-file": 404,
    "unknown-trash": 404,
    "invalid-configuration": 409,
    "link-broken": 409,
    "link-not-deletable": 409,
    "link-not-fetched": 409,
    "name-taken": 409,
    "trash-unusable": 409,
    "file-too-large": 409,
    "not-a-picture": 409,
    "favourites-unavailable": 503,
    "source-unavailable": 503,
    "token-unavailable": 503,
}


class NoSniff:
    """Adds to every answer that a browser must not guess another type than the one it says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self._app(scope, receive, send_marked)


def handle_errors(app: FastAPI) -> None:
    """Have an app answer with reasons; what nobody expected says nothing and goes to the log."""

    @app.exception_handler(MediaError)
    def media_error(_request: Request, error: MediaError) -> JSONResponse:
        response = _reason(_STATUS.get(error.code, 500), error.code, error.message, error.hint)
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.exception_handler(RangeNotSatisfiableError)
    def bad_range(_request: Request, error: RangeNotSatisfiableError) -> JSONResponse:
        response = _reason(416, "range-not-satisfiable", str(error))
        response.headers["Content-Range"] = f"bytes */{error.size}"
        return response

    @app.exception_handler(RequestValidationError)
    def bad_parameter(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [f"{each['loc'][-1]}: {each['msg']}." for each in error.errors()]
        return _reason(422, "invalid-parameter", " ".join(problems))

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> JSONResponse:
        code = error.detail.lower().replace(" ", "-")
        response = _reason(error.status_code, code, f"{error.detail}.")
        response.headers.update(error.headers or {})
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(_allowed(request))
        return response

    @app.exception_handler(Exception)
    def unexpected(_request: Request, _error: Exception) -> JSONResponse:
        return _reason(500, "internal-error", "The media server failed.", "Its log says why.")


def _reason(status: int, code: str, message: str, hint: str = "") -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint}}, status)


def _allowed(request: Request) -> list[str]:
    """The methods that this path has; the router itself names those of one route only."""

    def is_routed(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return [method for method in _METHODS if is_routed(method)]
