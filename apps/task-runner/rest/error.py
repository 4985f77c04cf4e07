"""Every error as JSON with a reason: {"error": {"code", "message", "hint"}}."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match


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

    status = 500
    code = "error"
    hint = ""
    headers: dict[str, str] = {}  # noqa: RUF012  (never changed)

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnknownJob(ApiError):
    """There is no job of this id, or none any more."""

    status = 404
    code = "unknown-job"
    hint = "Results are kept for ten minutes, and none through a restart."

    def __init__(self) -> None:
        super().__init__("There is no job of this id.")


class NoPicture(ApiError):
    """What this job computes is no picture, or there is none of it yet."""

    status = 404
    code = "no-picture"
    hint = "A job that has one tells its address as `picture`."

    def __init__(self) -> None:
        super().__init__("This job has no picture.")


class TooManyJobs(ApiError):
    """As many jobs wait as may wait."""

    status = 429
    code = "too-many-jobs"
    hint = "Ask again when some of them are done."
    headers = {"Retry-After": "5"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__("Too many jobs are waiting already.")


def handle_errors(app: FastAPI) -> None:
    """Have an app answer with reasons; what nobody expected says nothing and goes to the log."""

    @app.exception_handler(ApiError)
    def known(_request: Request, error: ApiError) -> JSONResponse:
        return reason(error.status, error.code, error.message, error.hint, error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [
            f"{'.'.join(str(part) for part in each['loc'][1:]) or 'body'}: {each['msg']}."
            for each in error.errors()[:10]
        ]
        return reason(422, "invalid-request", " ".join(problems), "GET /computations tells more.")

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        headers = {"Allow": _allowed(app, request)} if error.status_code == 405 else {}
        return reason(error.status_code, code, f"{error.detail.rstrip('.')}.", headers=headers)

    @app.exception_handler(Exception)
    def unexpected(_request: Request, _error: Exception) -> JSONResponse:
        return reason(500, "internal-error", "The server failed.", "Its log says why.")


def reason(
    status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an answer that says why it is none."""
    failure = Failure(error=Reason(code=code, message=message, hint=hint))
    return JSONResponse(failure.model_dump(), status, headers)


def _allowed(app: FastAPI, request: Request) -> str:
    """Return the methods of all routes of a path: the framework tells those of the first one."""
    matching = [each for each in app.routes if each.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({name for each in matching for name in getattr(each, "methods", ())}))
