"""The gateway's routes to front-end files, which it serves itself, without waking anybody.

`../assets/streamlit-<version>` holds the files of a version, and `pages/<instance>` is a link
there for each instance whose page is served so: files come and go, the routes stay.
"""

from typing import Any

from streamlit_controls.core.app_routes import subroute
from streamlit_controls.core.frontend import FILE

Json = dict[str, Any]

ADDRESS = "/assets/"

INSTANCE = "^/app/[A-Za-z0-9_-]+/~([a-z2-9]{6})/"
"""The address of an instance; the id is the first group."""

PAGE = r"[\p{L}\p{N}_-]*"
"""An app's first page or one of its others, whose names have neither a slash nor, mostly, a dot."""

_OWN_FILE = rf"favicon\.png|static/{FILE}"
"""What a page asks its own instance for: its icon, and where a release is older, scripts."""

_NO_PAGES = (
    *("_stcore", "app", "auth", "component", "media", "static", "oauth2callback"),
    *("healthz", "st-metrics", "script-health-check"),
)
"""What Streamlit, in any release, may answer otherwise than by its page."""

FOREVER = "public, max-age=31536000, immutable"
"""A file's name changes with what is in it."""


def shared_assets() -> Json:
    """Return the route to the files of each version."""
    pattern = rf"^{ADDRESS}(streamlit-[0-9][0-9A-Za-z.]*)/({FILE})$"
    absent = {
        "handler": "static_response",
        "status_code": 404,
        "headers": {"Cache-Control": ["no-store"]},
    }
    found = {
        "match": [{"path_regexp": {"name": "at", "pattern": pattern}}],
        "handle": [_file("../assets", "/{http.regexp.at.1}/files/{http.regexp.at.2}", FOREVER)],
    }
    return {
        "match": [{"path": [f"{ADDRESS}*"]}],
        "handle": [subroute(found, {"handle": [absent]})],
        "terminal": True,
    }


def instance_assets() -> Json:
    """Return the route to the page and the files of an instance.

    What is neither, which is most of what an app is asked for, is told by one look.
    """
    either = {"name": "at", "pattern": f"{INSTANCE}(?:{PAGE}|{_OWN_FILE})$"}
    return {
        "match": [{"path_regexp": either, "method": ["GET", "HEAD"]}],
        "handle": [subroute(_pages(), _files())],
    }


def _pages() -> Json:
    """Return the route to the page of an instance, which Streamlit shows at all of its addresses.

    Its scripts find out by the address which of the app's pages is meant.
    """
    page = {"path_regexp": {"name": "at", "pattern": f"{INSTANCE}{PAGE}$"}}
    others = {"not": [{"path": [f"*/{name}" for name in _NO_PAGES]}]}
    return {
        "match": [page | others],
        "handle": [_file("pages", "/{http.regexp.at.1}/page/index.html", "no-cache")],
    }


def _files() -> Json:
    return {
        "match": [{"path_regexp": {"name": "at", "pattern": f"{INSTANCE}({_OWN_FILE})$"}}],
        "handle": [_file("pages", "/{http.regexp.at.1}/files/{http.regexp.at.2}", FOREVER)],
    }


def _file(root: str, path: str, caching: str) -> Json:
    """Return what serves a file if it is there, and else leaves the request to the next route.

    The path is looked at in a route of its own, since what an address is matched with has no order
    within one route.
    """
    fonts = {"handler": "headers", "response": {"set": {"Content-Type": ["font/woff2"]}}}
    return subroute(
        {
            "match": [{"file": {"root": root, "try_files": [path]}}],
            "handle": [
                {"handler": "rewrite", "uri": "{http.matchers.file.relative}"},
                {"handler": "headers", "response": {"set": {"Cache-Control": [caching]}}},
                # Not every system knows what they are.
                subroute({"match": [{"path": ["*.woff2"]}], "handle": [fonts]}),
                {
                    "handler": "file_server",
                    "root": root,
                    "index_names": [],
                    "canonical_uris": False,
                    "precompressed": {"br": {}, "gzip": {}},
                    "precompressed_order": ["br", "gzip"],
                },
            ],
            "terminal": True,
        }
    )
