"""The gateway's routes to front-end files, which it serves itself, without waking anybody.

`../assets/streamlit-<version>` holds the files of a version, and `pages/<instance>` is a link
there for each instance whose page is served so: files come and go, the routes stay.
"""

from typing import Any

from streamlit_controls.core.frontend import FILE

Json = dict[str, Any]

ADDRESS = "/assets/"

_INSTANCE = "^/app/[A-Za-z0-9_-]+/~([a-z2-9]{6})/"

_PAGE = rf"{_INSTANCE}(?:[\p{{L}}\p{{N}}_-]+)?$"
"""An app's first page or one of its others, whose names have neither a slash nor, mostly, a dot."""

_NO_PAGES = (
    *("_stcore", "app", "auth", "component", "media", "static", "oauth2callback"),
    *("healthz", "st-metrics", "script-health-check"),
)
"""What Streamlit, in any release, may answer otherwise than by its page."""

_READ = {"method": ["GET", "HEAD"]}

FOREVER = "public, max-age=31536000, immutable"
"""A file's name changes with what is in it."""


def asset_routes() -> list[Json]:
    """Return the routes to the files of each version, and to those of each instance."""
    return [_shared(), _pages(), _of_instances()]


def _shared() -> Json:
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
        "handle": [_subroute(found, {"handle": [absent]})],
        "terminal": True,
    }


def _pages() -> Json:
    """Return the route to the page of an instance, which Streamlit shows at all of its addresses.

    Its scripts find out by the address which of the app's pages is meant.
    """
    others = {"not": [{"path": [f"*/{name}" for name in _NO_PAGES]}]}
    return {
        "match": [{"path_regexp": {"name": "at", "pattern": _PAGE}} | _READ | others],
        "handle": [_file("pages", "/{http.regexp.at.1}/page/index.html", "no-cache")],
    }


def _of_instances() -> Json:
    """Return the route to files that a page asks its own instance for.

    It asks for its icon there, and where a release is older, for scripts.
    """
    pattern = rf"{_INSTANCE}(favicon\.png|static/{FILE})$"
    return {
        "match": [{"path_regexp": {"name": "at", "pattern": pattern}} | _READ],
        "handle": [_file("pages", "/{http.regexp.at.1}/files/{http.regexp.at.2}", FOREVER)],
    }


def _file(root: str, path: str, caching: str) -> Json:
    """Return what serves a file if it is there, and else leaves the request to the next route.

    The path is looked at in a route of its own, since what an address is matched with has no order
    within one route.
    """
    fonts = {"handler": "headers", "response": {"set": {"Content-Type": ["font/woff2"]}}}
    return _subroute(
        {
            "match": [{"file": {"root": root, "try_files": [path]}}],
            "handle": [
                {"handler": "rewrite", "uri": "{http.matchers.file.relative}"},
                {"handler": "headers", "response": {"set": {"Cache-Control": [caching]}}},
                # Not every system knows what they are.
                _subroute({"match": [{"path": ["*.woff2"]}], "handle": [fonts]}),
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


def _subroute(*routes: Json) -> Json:
    return {"handler": "subroute", "routes": list(routes)}
