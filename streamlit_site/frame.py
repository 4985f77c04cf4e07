"""The page of an app: the site's bar with the app below it."""

from functools import lru_cache
from urllib.parse import quote

from flask import Blueprint, Response, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from streamlit_controls.core.names import RESERVED_SEGMENTS
from streamlit_site.answers import nothing_here
from streamlit_site.apps import App
from streamlit_site.directory import Directory, directory

blueprint = Blueprint("frame", __name__)


@blueprint.get("/<path:path>")
def page(path: str) -> BaseResponse:
    """Show the app whose path this is, or a page below it."""
    if path.split("/")[0] in RESERVED_SEGMENTS:
        return nothing_here()
    apps = directory()
    app = apps.find(path)
    if app is None:
        return nothing_here(apps.near(path))
    raw = _raw_path()
    if f"{raw}/" == app.path or f"/{path}/" == app.path:
        return redirect(app.path + _raw_query(), 307)
    if not app.words.answers:
        return _waiting(app, apps)
    return make_response(
        render_template(
            "frame.html",
            app=app,
            switcher=_switcher(apps),
            source=f"/app/{app.key}/{_below(app, raw)}{_raw_query()}",
        )
    )


def _waiting(app: App, apps: Directory) -> Response:
    response = make_response(
        render_template(
            "waiting.html",
            app=app,
            switcher=_switcher(apps),
            retry_after=app.words.retry_after,
        ),
        503,
    )
    response.headers["Retry-After"] = str(app.words.retry_after)
    return response


@lru_cache(maxsize=1)
def _switcher(apps: Directory) -> Markup:
    # The same list for every page of one snapshot: with 500 apps it is most of the page.
    return Markup(render_template("switcher.html", apps=apps.apps.values()))  # noqa: S704


def _below(app: App, raw: str) -> str:
    """Return what follows the app's path, as the browser wrote it."""
    return raw.split("/", app.path.count("/"))[-1] if raw.count("/") >= app.path.count("/") else ""


def _raw_path() -> str:
    """Return the request's path without decoding: an escaped slash is not a slash."""
    scope = request.environ.get("asgi.scope")
    if scope is not None and scope.get("raw_path"):
        raw: bytes = scope["raw_path"]
        return raw.decode("latin-1")
    return quote(request.path, safe="/:@!$&'()*+,;=~")


def _raw_query() -> str:
    query = request.query_string.decode("latin-1")
    return f"?{query}" if query else ""
