"""The gateway's routes of apps: their services, their visitors, and tabs of what is gone.

They are the same for every app, whatever there is: which app is meant is told by the address, and
what is so just now by the names of files. So an app that comes, goes or changes needs no new
configuration, which would cut off whoever connects in that moment.

A match on the path comes first and in a route of its own: within one route, what is matched has no
order, and a look into a folder is a hundred times as dear.
"""

from typing import Any

from streamlit_controls.core.proxying import proxy, tcp

Json = dict[str, Any]

APP = "^/app/([A-Za-z0-9][A-Za-z0-9_-]*)"
"""The address of an app; its key is the first group."""

_SERVICE = f"{APP}/([A-Za-z0-9][A-Za-z0-9_-]*)"

KEY, NAME = "{http.regexp.app.1}", "{http.regexp.app.2}"
TOLD = "{http.regexp.told.1}"
"""What the gateway replaces by an app's key, by the name after it, and by what a folder tells."""


def of_apps() -> Json:
    """Return the route of all requests for apps but those that an instance answers."""
    inner = subroute(_services(), gone(), _newcomers())
    return by_path(f"{APP}(?:/|$)", inner)


def gone(whole: Json | None = None) -> Json:
    """Return the route of instances that are not there any more.

    A page is redirected to the current instance. What else a tab asks for goes there as it is,
    and is answered as if that instance had been meant; `whole` matches what can, if not all can.
    """
    strip = {
        "handler": "rewrite",
        "path_regexp": [{"find": "^/app/[^/]+/~[^/]*/?", "replace": "/"}],
    }
    reads = {"method": ["GET", "HEAD"], "header": {"Accept": ["*text/html*"]}}
    page = told("current", KEY, strip, _to_current(), also=reads)
    rest = told("reattach", KEY, proxy(f"unix/upstreams/{TOLD}"), also=whole)
    return by_path(f"{APP}/~", subroute(page, rest))


def told(folder: str, place: str, *handle: Json, also: Json | None = None) -> Json:
    """Return the route of requests for which there is something at a place in a folder.

    What that is, the name of the one file there, is `TOLD` for the handlers. `also` matches what
    must be so besides.
    """
    name = {"{http.matchers.file.relative}": {"name": "told", "pattern": "([^/]+)$"}}
    inner = ending({"match": [{"vars_regexp": name}], "handle": list(handle)})
    return {"match": [listed(folder, f"{place}/*") | (also or {})], "handle": [subroute(inner)]}


def listed(folder: str, path: str) -> Json:
    """Return the matcher of requests for which there is a file in a folder."""
    return {"file": {"root": folder, "try_files": [f"/{path}"]}}


def by_path(pattern: str, *handle: Json) -> Json:
    """Return the route of paths like a pattern, whose groups are an app's key and more."""
    return {"match": [{"path_regexp": {"name": "app", "pattern": pattern}}], "handle": list(handle)}


def route(paths: list[str], handle: list[Json]) -> Json:
    """Return a route of paths, after which others are tried unless something in it answers."""
    return {"match": [{"path": paths}], "handle": handle}


def ending(route: Json) -> Json:
    """Return a route after which no other is tried."""
    return route | {"terminal": True}


def subroute(*routes: Json) -> Json:
    """Return routes within a route."""
    return {"handler": "subroute", "routes": list(routes)}


def _services() -> Json:
    """Return the route to the services of apps, at the ports that they are listed with."""
    root = f"/app/{KEY}/{NAME}"
    strip = {"handler": "rewrite", "strip_path_prefix": root}
    below = {"handle": [strip, proxy(tcp(TOLD))]}
    itself = by_path(f"{_SERVICE}$", _redirect(f"{root}/{{http.request.uri.prefixed_query}}"))
    listed_there = told("services", f"{KEY}/{NAME}", subroute(ending(itself), below))
    return by_path(f"{_SERVICE}(?:/|$)", subroute(listed_there))


def _newcomers() -> Json:
    """Return the route from an app's address to its current instance."""
    strip = {"handler": "rewrite", "strip_path_prefix": f"/app/{KEY}"}
    return told("current", KEY, strip, _to_current())


def _to_current() -> Json:
    return _redirect(f"/app/{KEY}/~{TOLD}{{http.request.uri}}")


def _redirect(location: str) -> Json:
    headers = {"Location": [location], "Cache-Control": ["no-store"]}
    return {"handler": "static_response", "status_code": 307, "headers": headers}
