"""Every error as JSON with a reason: {"error": {"code", "message", "hint"}}."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

EXAMPLE = "Send it as curl -F file=@cat.jpg does."


class Reason(BaseModel):
    """A code for programs, a message and a hint for people."""

    code: str
    message: str
    hint: str = ""


class Failure(BaseModel):
    """What every answer that is an error looks like."""

    error: Reason


class Problem(Exception):
    """An error that is the asker's to know of."""

    status: ClassVar[int]
    code: ClassVar[str]
    hint: ClassVar[str] = ""
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(Problem):
    """The form is none, or has no file in the field `file`."""

    status, code, hint = 422, "invalid-request", EXAMPLE


class NotAnImage(Problem):
    """What was sent is no picture of a kind that is read here."""

    status, code = 415, "not-an-image"

    def __init__(self, known: str) -> None:
        super().__init__(f"The file is not an image of a known kind: {known}.")


class DamagedImage(Problem):
    """It begins like a picture, and does not go on like one."""

    status, code = 422, "damaged-image"

    def __init__(self) -> None:
        super().__init__("The image is damaged: it cannot be decoded.")


class TooManyPixels(Problem):
    """It would take much memory to unpack."""

    status, code = 422, "too-many-pixels"
    hint = "Make it smaller: no more than some hundred pixels are looked at."

    def __init__(self, most: int) -> None:
        super().__init__(f"The image has more than {most:,} pixels.")


class FileTooLarge(Problem):
    """The file is larger than is taken; told as soon as it is known.

    The connection stays: what still comes is thrown away. A client that is sending, whose
    connection was closed, would often not get to read why.
    """

    status, code = 413, "file-too-large"

    def __init__(self, most: int) -> None:
        size = f"{most / 2**20:g} MiB" if most >= 2**20 else f"{most:,} bytes"
        super().__init__(f"A file has {size} at the most.")


class TooSlow(Problem):
    """Nothing came of the upload for a while."""

    status, code = 408, "upload-too-slow"
    headers = MappingProxyType({"Connection": "close"})

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Nothing came for {seconds:g} seconds, before the end of the upload.")


class TooBusy(Problem):
    """As much waits as may wait."""

    status, code, hint = 503, "too-busy", "Ask again in a second."
    headers = MappingProxyType({"Retry-After": "1"})

    def __init__(self) -> None:
        super().__init__("As many pictures are waiting as may wait.")


class ModelLoading(Problem):
    """The model is not there yet."""

    status, code, hint = 503, "model-loading", "Ask again in some seconds."
    headers = MappingProxyType({"Retry-After": "2"})

    def __init__(self) -> None:
        super().__init__("The model is still being loaded.")


class ModelFailed(Problem):
    """The model cannot be loaded."""

    status, code, hint = 503, "model-failed", "The service's log says why."

    def __init__(self) -> None:
        super().__init__("The model could not be loaded.")


def handle_errors(app: FastAPI) -> None:
    """Have an app answer with reasons; what nobody expected says nothing and goes to the log."""

    @app.exception_handler(Problem)
    def known(_request: Request, problem: Problem) -> JSONResponse:
        reason = (problem.status, problem.code, problem.message, problem.hint, problem.headers)
        return _answer(*reason)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        said = [f"{each['loc'][-1]}: {each['msg']}." for each in error.errors()[:10]]
        return _answer(422, "invalid-request", " ".join(said))

    @app.exception_handler(HTTPException)
    def refused(_request: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        message = f"{error.detail.rstrip('.')}."
        return _answer(error.status_code, code, message, headers=error.headers or {})

    @app.exception_handler(ClientDisconnect)
    def gone(_request: Request, _error: ClientDisconnect) -> Response:
        return Response(status_code=499)  # which nobody reads

    @app.exception_handler(Exception)
    def unexpected(_request: Request, _error: Exception) -> JSONResponse:
        return _answer(500, "internal-error", "The service failed.", "Its log says why.")


def _answer(
    status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    failure = Failure(error=Reason(code=code, message=message, hint=hint))
    return JSONResponse(failure.model_dump(), status, headers)
