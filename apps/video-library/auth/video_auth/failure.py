"""Every error as JSON with a reason: {"error": {"code", "message", "hint"}}."""

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from video_auth.error import AuthError, StorageRefused, StorageUnavailable
from video_auth.schema import Failure, Reason

log = logging.getLogger(__name__)


def handle_errors(app: FastAPI) -> None:
    """Have an app answer with reasons; what nobody expected says nothing and goes to the log."""

    @app.exception_handler(AuthError)
    def known(_request: Request, error: AuthError) -> JSONResponse:
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
        if error.retry_after is not None:
            headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
        return failure(error.status, error.code, error.message, error.hint, headers)

    @app.exception_handler(StorageRefused)
    def refused_by_storage(request: Request, error: StorageRefused) -> JSONResponse:
        log.error("%s", error)
        return known(request, StorageUnavailable())

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        # Names that were made up, and what was given, are not repeated.
        problems = {
            f"{next((name for name in ('email', 'password') if name in each['loc']), 'body')}:"
            f" {each['type']}."
            for each in error.errors()
        }
        hint = 'Send {"email": "…", "password": "…"}, both strings.'
        return failure(422, "invalid-request", " ".join(sorted(problems)), hint)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        code = phrase.lower().replace(" ", "-")
        headers = {"Allow": _allowed(app, request)} if error.status_code == 405 else {}
        return failure(error.status_code, code, f"{phrase}.", headers=headers)

    @app.exception_handler(Exception)
    def unexpected(_request: Request, _error: Exception) -> JSONResponse:
        return failure(500, "internal-error", "The service failed.", "Its log says why.")


def failure(
    status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an answer that says why it is none."""
    body = Failure(error=Reason(code=code, message=message, hint=hint))
    return JSONResponse(body.model_dump(), status, headers)


def _allowed(app: FastAPI, request: Request) -> str:
    """Return the methods of all routes of a path: the framework tells those of the first one."""
    matching = [each for each in app.routes if each.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({name for each in matching for name in getattr(each, "methods", ())}))
