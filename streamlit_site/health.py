"""Whether the site itself answers."""

from flask import Blueprint, Response, make_response

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer, and say nothing about the manager or the apps."""
    response = make_response("ok\n")
    response.mimetype = "text/plain"
    response.headers["Cache-Control"] = "no-store"
    return response
