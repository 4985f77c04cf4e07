"""The web site of Streamlit Controller: the catalogue and the pages of the apps."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from streamlit_site import api, catalogue, errors, frame, health, security, unavailable
from streamlit_site.directory import Directories, SnapshotSource
from streamlit_site.states import STATES, words
from streamlit_site.static_files import Fingerprints

LABELS = {name: {"label": told.label, "answers": told.answers} for name, told in STATES.items()}
"""What the scripts need to know of the states."""

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SITE_NAME = "Streamlit Controller"


class Site(Flask):
    """The application; it answers a request for a websocket as any other."""

    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        # Routing refuses these as bad requests, but here they mean an app that cannot answer.
        environ.pop("HTTP_UPGRADE", None)
        return super().wsgi_app(environ, start_response)


def create_app(snapshots: SnapshotSource, root: Path, *, site_name: str = SITE_NAME) -> Flask:
    """Make the site that shows what `snapshots` tells; `root` is the project's folder."""
    app = Site(__name__)
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(site_name=site_name, labels=LABELS, words=words)
    app.extensions["directories"] = Directories(snapshots, root)
    Fingerprints(Path(__file__).parent / "static").install(app)
    security.install(app)
    errors.install(app)
    for concern in (health, api, catalogue, unavailable, frame):
        app.register_blueprint(concern.blueprint)
    return app
