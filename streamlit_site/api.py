"""The public API: states of the apps, for pages that follow them and for programs."""

import hashlib
import json
from functools import lru_cache

from flask import Blueprint, Response, make_response, request, send_file

from streamlit_site.answers import unknown_app
from streamlit_site.directory import Directory, directory
from streamlit_site.public import app_document, status_document

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

ICON_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""An icon is a picture: a script in an SVG file must never run as a page of the site."""


@blueprint.get("/status")
def status() -> Response:
    """Return the state of all apps."""
    return _document(_status_text(directory()))


@blueprint.get("/apps/<key>")
def app_status(key: str) -> Response:
    """Return the state of one app."""
    apps = directory()
    app = apps.apps.get(key)
    if app is None:
        return unknown_app(key, apps.near(key))
    return _document(_text({"key": key, **app_document(app)}))


@blueprint.get("/apps/<key>/icon")
def icon(key: str) -> Response:
    """Return an app's icon as an image: its own file, or its emoji or monogram drawn."""
    apps = directory()
    app = apps.apps.get(key)
    if app is None:
        return unknown_app(key, apps.near(key))
    if app.icon.file is not None:
        response = send_file(app.icon.file, mimetype=app.icon.media_type, max_age=3600)
    else:
        response = make_response(app.icon.svg())
        response.mimetype = app.icon.media_type
        response.cache_control.max_age = 3600
        response.add_etag()
        response.make_conditional(request)
    response.headers["Content-Security-Policy"] = ICON_POLICY
    return response


@lru_cache(maxsize=1)
def _status_text(apps: Directory) -> str:
    return _text(status_document(apps))


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _document(text: str) -> Response:
    """Answer with a document, or with 304 if the client has it already."""
    response = make_response(text)
    response.mimetype = "application/json"
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:20])
    response.make_conditional(request)
    return response
