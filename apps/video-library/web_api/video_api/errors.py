"""Every error as JSON with a reason: {"error": {"code", "message", "hint"}}."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeGuard

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from video_api import storage
from video_api.library import NotReady, UnknownVideo
from video_api.uploading import TooLarge
from video_api.video import Status

_METHODS = ("DELETE", "GET", "HEAD", "POST")
log = logging.getLogger(__name__)


class Reason(BaseModel):
    """A code for programs, a message and a hint for people."""

    code: str
    message: str
    hint: str = ""


class Failure(BaseModel):
    """What every answer that is an error looks like."""

    error: Reason


class ApiError(Exception):
    """An error that is the asker's to know of."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = Reason(code=code, message=message, hint=hint)
        self.headers = headers


_NOT_FOUND = ApiError(404, "unknown-video", "You have no video of this id.")
_MISSING = ApiError(
    404, "file-missing", "The file of this video is gone.", "Delete the video and upload it again."
)
_UNAVAILABLE = ApiError(
    503, "storage-unavailable", "The storage does not answer.", "Try again in a moment."
)
_MEANINGS: dict[type[Exception], ApiError] = {
    UnknownVideo: _NOT_FOUND,
    storage.BytesMissing: _MISSING,
    storage.Gone: ApiError(
        410,
        "upload-deleted",
        "The video was deleted while it was uploaded, or the server lost hold of it.",
        "Upload it again, unless you deleted it.",
    ),
    storage.TooManyUploads: ApiError(
        429,
        "too-many-uploads",
        "Too many of your uploads are under way.",
        "Wait until one of them is done.",
        {"Retry-After": "10"},
    ),
    storage.QuotaExceeded: ApiError(
        413, "quota-exceeded", "There is not enough room left in your library.", "Delete something."
    ),
    storage.TooManyVideos: ApiError(
        413, "too-many-videos", "Your library has as many videos as it may.", "Delete something."
    ),
    storage.StorageFull: ApiError(
        507, "storage-full", "The server has no room for this.", "Try again later."
    ),
    storage.StorageUnavailable: _UNAVAILABLE,
    TooLarge: ApiError(413, "file-too-large", "The file is larger than it may be."),
}


def handle_errors(app: FastAPI) -> None:
    """Have an app answer with reasons; what nobody expected says nothing and goes to the log."""

    @app.exception_handler(ApiError)
    async def known(_request: Request, error: ApiError) -> JSONResponse:
        return answer(error)

    for kind in _MEANINGS:
        app.add_exception_handler(kind, _meant)

    @app.exception_handler(NotReady)
    async def not_ready(_request: Request, error: NotReady) -> JSONResponse:
        if error.video.status is Status.FAILED:
            said = "This video cannot be played.", error.video.error or ""
        else:
            said = "This video is not ready yet.", "Ask for its status until it is."
        return answer(ApiError(409, "not-ready", *said))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [
            f"{'.'.join(filter(_is_name, each['loc'][1:])) or 'body'}: {each['msg']}."
            for each in error.errors()[:10]
        ]
        return answer(ApiError(422, "invalid-request", " ".join(problems)))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        headers = {"Allow": ", ".join(_allowed(request))} if error.status_code == 405 else None
        message = f"{error.detail.rstrip('.')}."
        return answer(ApiError(error.status_code, code, message, headers=headers))

    @app.exception_handler(ClientDisconnect)
    async def hung_up(_request: Request, _error: ClientDisconnect) -> JSONResponse:
        return answer(ApiError(400, "client-gone", "The client hung up."))  # nobody hears it

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, _error: Exception) -> JSONResponse:
        return answer(ApiError(500, "internal-error", "The server failed.", "Its log says why."))


def answer(error: ApiError) -> JSONResponse:
    """Return an answer that says why it is none."""
    return JSONResponse(Failure(error=error.reason).model_dump(), error.status, error.headers)


async def _meant(_request: Request, error: Exception) -> JSONResponse:
    meaning = _MEANINGS[type(error)]
    if meaning.status >= 500:
        log.error("%s: %s", meaning.reason.code, error)
    return answer(meaning)


def _is_name(part: object) -> TypeGuard[str]:
    """Tell a field's name from the position of what is no JSON at all."""
    return isinstance(part, str)


def _allowed(request: Request) -> list[str]:
    """Return the methods that this path has; the router itself names those of one route only."""

    def is_routed(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return [method for method in _METHODS if is_routed(method)]
