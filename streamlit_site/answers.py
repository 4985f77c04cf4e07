"""Answers that several pages share: in HTML for people, in JSON for programs."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, make_response, render_template, request

from streamlit_site.apps import App


def wants_json() -> bool:
    """Say whether the client is a program: it asks for the API, or rather for JSON than HTML."""
    if request.path.startswith("/api/"):
        return True
    offered = ("text/html", "application/json")
    return request.accept_mimetypes.best_match(offered, "text/html") == "application/json"


def problem(
    status: int,
    code: str,
    message: str,
    *,
    template: str = "error.html",
    near: tuple[App, ...] = (),
    retry_after: int | None = None,
    details: Mapping[str, object] | None = None,
    **context: Any,
) -> Response:
    """Answer with an error; `details` are for programs, `context` for the page."""
    if wants_json():
        error: dict[str, object] = {"code": code, "message": message, **(details or {})}
        if near:
            error["near"] = [app.key for app in near]
        if retry_after is not None:
            error["retry_after"] = retry_after
        response = jsonify(error=error)
    else:
        response = make_response(
            render_template(
                template,
                status=status,
                message=message,
                near=near,
                retry_after=retry_after,
                **context,
            )
        )
    response.status_code = status
    response.vary.add("Accept")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def unknown_app(name: str, near: tuple[App, ...]) -> Response:
    """Answer that no app has this key."""
    return problem(404, "unknown-app", f"There is no app called “{name[:60]}”", near=near)


def nothing_here(near: tuple[App, ...] = ()) -> Response:
    """Answer that no page is at this path."""
    return problem(404, "not-found", "There is nothing at this address", near=near)


def starting() -> Response:
    """Answer that the manager has not told anything yet."""
    return problem(
        503, "starting", "The controller is starting", template="starting.html", retry_after=2
    )
