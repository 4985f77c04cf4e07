"""The one place where errors become answers."""

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from streamlit_site.answers import nothing_here, problem, starting
from streamlit_site.directory import NoSnapshotYet


def install(app: Flask) -> None:
    app.register_error_handler(NoSnapshotYet, lambda _: starting())
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(500, lambda _: internal_error())


def http_error(error: HTTPException) -> Response:
    """Answer with the site's own page, and with the headers that the error brings (Allow)."""
    status = error.code or 500
    if status == 404:
        return nothing_here()
    response = problem(status, _code(error), error.name)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def internal_error() -> Response:
    """Answer without saying what went wrong: the traceback is in the log."""
    return problem(500, "internal-error", "Something went wrong on our side")


def _code(error: HTTPException) -> str:
    return error.name.lower().replace(" ", "-")
