"""From a snapshot to the gateway's configuration, in Caddy's JSON.

https://caddyserver.com/docs/json/apps/http/ says what each key means.
"""

from typing import Any

from streamlit_controls.core.config import App, Config
from streamlit_controls.core.launch import GATEWAY_FD
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Instance
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import unit_name

Json = dict[str, Any]

STREAM_CLOSE_DELAY = "24h"
"""How long a websocket survives the reload that took away its route."""

_COMPRESS = {
    "handler": "encode",
    "encodings": {"zstd": {}, "gzip": {}},
    "prefer": ["zstd", "gzip"],
}

AWAY = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport"'
    ' content="width=device-width"><meta http-equiv="refresh" content="2">'
    "<title>Back in a moment</title><style>:root{color-scheme:light dark}body{font:16px/1.5"
    " system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0}"
    "main{text-align:center;padding:1rem}h1{font-size:1.4rem}</style><main><h1>Back in a"
    " moment</h1><p>This page is starting again and reloads by itself.</p></main></html>"
)
"""The gateway's own page, for the moments in which even the site cannot answer."""


def gateway(snapshot: Snapshot) -> Json:
    """Return the whole configuration of the gateway."""
    server: Json = {
        "listen": [f"fd/{{env.{GATEWAY_FD}}}"],
        "protocols": ["h1", "h2"],
        "automatic_https": {"disable": True},
        "routes": routes(snapshot),
        "errors": {"routes": _errors(snapshot.config)},
    }
    apps: Json = {"http": {"servers": {"site": server}}}
    domain = snapshot.config.domain
    if domain:
        server["tls_connection_policies"] = [{}]
        apps["tls"] = _certificates(domain)
        apps["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
    return {
        "admin": {"listen": "unix/gateway.sock", "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "WARN"}}},
        "apps": apps,
    }


def routes(snapshot: Snapshot) -> list[Json]:
    """Return the routes of the public port, in the order in which they are tried."""
    found: list[Json] = []
    for app in snapshot.config.apps:
        found.extend(_services(snapshot, app))
        found.extend(_pages(snapshot, app))
    found.append({"handle": [_COMPRESS, _proxy(snapshot.config.site_port)]})
    return found


def _services(snapshot: Snapshot, app: App) -> list[Json]:
    found = []
    for service in app.services:
        current = snapshot.current(unit_name(app.key, service.name))
        if service.mount is None or current is None or current.instance is None:
            continue
        root = f"/app/{app.key}/{service.mount}"
        handle = [{"handler": "rewrite", "strip_path_prefix": root}, _proxy(current.instance.port)]
        found.append(_route([f"{root}/*"], handle))
        found.append(_route([root], [_redirect(f"{root}/{{http.request.uri.prefixed_query}}")]))
    return found


def _pages(snapshot: Snapshot, app: App) -> list[Json]:
    """Return an app's routes: each instance by its id, then the rest to the current one.

    A page of an instance that is gone is redirected. What else a tab of it asks for goes to the
    current instance, which answers as if it had been meant.
    """
    root = f"/app/{app.key}"
    unit = unit_name(app.key)
    found = [
        _route([f"{root}/~{each.instance.id}/*"], [_proxy(each.instance.port)])
        for each in snapshot.of(unit)
        if each.instance and each.state in {State.STARTING, State.RUNNING, State.DRAINING}
    ]
    current = snapshot.current(unit)
    if current is None or current.instance is None:
        return found
    here: Instance = current.instance
    gone = _route([f"{root}/~*"], _move(rf"^{root}/~[^/]*/?", f"{root}/~{here.id}/"))
    gone["match"][0] |= {"method": ["GET", "HEAD"], "header": {"Accept": ["*text/html*"]}}
    found.append(gone)
    found.append(_route([f"{root}/~*"], [_proxy(here.port)]))
    found.append(_route([f"{root}/*", root], _move(f"^{root}/?", f"{root}/~{here.id}/")))
    return found


def _move(find: str, replace: str) -> list[Json]:
    """Return what redirects to the same address with another beginning, the query kept."""
    change = {"handler": "rewrite", "path_regexp": [{"find": find, "replace": replace}]}
    return [change, _redirect("{http.request.uri}")]


def _redirect(location: str) -> Json:
    headers = {"Location": [location], "Cache-Control": ["no-store"]}
    return {"handler": "static_response", "status_code": 307, "headers": headers}


def _proxy(port: int) -> Json:
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{port}"}],
        "flush_interval": -1,
        "stream_close_delay": STREAM_CLOSE_DELAY,
    }


def _route(paths: list[str], handle: list[Json]) -> Json:
    return {"match": [{"path": paths}], "handle": handle, "terminal": True}


def _errors(config: Config) -> list[Json]:
    """Return what answers when an upstream does not: the site's page that says why."""
    away = {
        "handler": "static_response",
        "status_code": 503,
        "headers": {
            "Content-Type": ["text/html; charset=utf-8"],
            "Retry-After": ["2"],
            "Cache-Control": ["no-store"],
        },
        "body": AWAY,
    }
    ask_site = {
        "handler": "subroute",
        "routes": [{"handle": [_proxy(config.site_port)]}],
        "errors": {"routes": [{"handle": [away]}]},
    }
    return [_route(["/app/*"], [ask_site]), {"handle": [away]}]


def _certificates(domain: str) -> Json:
    """Return the certificates of a domain: from a public authority, or our own where none can."""
    found: Json = {"certificates": {"automate": [domain]}}
    if domain == "localhost" or domain.endswith((".localhost", ".local", ".internal")):
        policy = {"subjects": [domain], "issuers": [{"module": "internal"}]}
        found["automation"] = {"policies": [policy]}
    return found
