"""What the gateway shows where an app or a service cannot answer."""

from flask import Blueprint, Response, abort, request

from streamlit_site.answers import problem, unknown_app
from streamlit_site.directory import directory

blueprint = Blueprint("unavailable", __name__)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@blueprint.route("/app/<key>", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/app/<key>/", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/app/<key>/<path:rest>", methods=METHODS, provide_automatic_options=False)
def unavailable(key: str, rest: str = "") -> Response:
    """Say which app, which state and why; a request comes here only when no process took it."""
    if ".." in rest.split("/"):
        abort(404)  # the gateway and the site would not read such a path alike
    apps = directory()
    app = apps.apps.get(key)
    if app is None:
        return unknown_app(key, apps.near(key))
    service = apps.service(app, request.path)
    failing = service or app
    error = failing.error or app.error
    return problem(
        503,
        "unavailable",
        failing.words.headline.format(name=failing.name),
        template="unavailable.html",
        retry_after=failing.words.retry_after,
        details={
            "app": app.key,
            "service": service.name if service else None,
            "state": failing.state,
            "detail": error,
        },
        app=app,
        service=service,
        state=failing.state,
        told=failing.words,
        error=error,
    )
