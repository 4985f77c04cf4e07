"""The gateway's routes of one app: its services, its visitors, and tabs of what is gone.

A match on the path comes first and in a route of its own: within one route, what is matched has no
order, and a look into a file is a hundred times as dear.
"""

from typing import Any

from streamlit_controls.core.config import App
from streamlit_controls.core.proxying import proxy, tcp

Json = dict[str, Any]


def of_app(app: App) -> Json:
    """Return the route of all requests for an app but those that its instances answer."""
    root = f"/app/{app.key}"
    return route([root, f"{root}/*"], [subroute(*_services(app), gone(app), _newcomers(app))])


def gone(app: App, whole: Json | None = None) -> Json:
    """Return the route of instances that are not there any more.

    A page is redirected to the current instance. What else a tab asks for goes there as it is,
    and is answered as if that instance had been meant; `whole` matches what can, if not all can.
    """
    root = f"/app/{app.key}"
    strip = {"handler": "rewrite", "path_regexp": [{"find": f"^{root}/~[^/]*/?", "replace": "/"}]}
    reads = {"method": ["GET", "HEAD"], "header": {"Accept": ["*text/html*"]}}
    page = {"match": [_is_up(app) | reads], "handle": [strip, _to_current(app)]}
    rest = {
        "match": [_is_up(app, "reattach") | (whole or {})],
        "handle": [proxy(f"unix/upstreams/{{file.reattach/{app.key}}}")],
    }
    return route([f"{root}/~*"], [subroute(ending(page), ending(rest))])


def current(app: App) -> str:
    """Return what the gateway replaces by the id of an app's current instance."""
    return f"{{file.current/{app.key}}}"


def route(paths: list[str], handle: list[Json]) -> Json:
    """Return a route of paths, after which others are tried unless something in it answers."""
    return {"match": [{"path": paths}], "handle": handle}


def ending(route: Json) -> Json:
    """Return a route after which no other is tried."""
    return route | {"terminal": True}


def subroute(*routes: Json) -> Json:
    """Return routes within a route."""
    return {"handler": "subroute", "routes": list(routes)}


def _services(app: App) -> list[Json]:
    found = []
    for service in app.services:
        if service.mount is None:
            continue
        root = f"/app/{app.key}/{service.mount}"
        strip = {"handler": "rewrite", "strip_path_prefix": root}
        found.append(ending(route([f"{root}/*"], [strip, proxy(tcp(service.port))])))
        itself = _redirect(f"{root}/{{http.request.uri.prefixed_query}}")
        found.append(ending(route([root], [itself])))
    return found


def _newcomers(app: App) -> Json:
    """Return the route from an app's address to its current instance."""
    strip = {"handler": "rewrite", "strip_path_prefix": f"/app/{app.key}"}
    return ending({"match": [_is_up(app)], "handle": [strip, _to_current(app)]})


def _is_up(app: App, folder: str = "current") -> Json:
    """Return the matcher of requests at times when an app has a current instance."""
    return {"file": {"root": folder, "try_files": [f"/{app.key}"]}}


def _to_current(app: App) -> Json:
    return _redirect(f"/app/{app.key}/~{current(app)}{{http.request.uri}}")


def _redirect(location: str) -> Json:
    headers = {"Location": [location], "Cache-Control": ["no-store"]}
    return {"handler": "static_response", "status_code": 307, "headers": headers}
