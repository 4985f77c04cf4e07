"""From a snapshot to the gateway's configuration, in Caddy's JSON.

https://caddyserver.com/docs/json/apps/http/ says what each key means.
"""

from typing import Any

from streamlit_controls.core.asset_routes import asset_routes
from streamlit_controls.core.config import App, Config
from streamlit_controls.core.launch import GATEWAY_FD
from streamlit_controls.core.sleep_routes import probes
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
    """Return the routes of the public port, in the order in which they are tried.

    An app that starts, ends, crashes or is replaced changes none of them: a new configuration
    would cut off whoever connects in that moment. What changes lies in files, beside which the
    gateway runs: `upstreams/<instance>` is the socket of an instance, `current/<key>` the id of
    the instance that new visitors of an app go to, `pages/<instance>` the files of its front-end.
    """
    found = [*asset_routes(), probes()]
    found += [
        _route([f"/app/{app}/~{instance}/*"], [_proxy(_tcp(port))])
        for app, instance, port in own_ports(snapshot)
    ]
    found.append(_instances())
    for app in snapshot.config.apps:
        found.extend(_services(app))
        found.extend(_gone(app))
        found.append(_newcomers(app))
    found.append({"handle": [_COMPRESS, _proxy(_tcp(snapshot.config.site_port))]})
    return found


def current(snapshot: Snapshot) -> dict[str, str]:
    """Return the ids of the instances that new visitors go to, by app."""
    found = {}
    for app in snapshot.config.apps:
        replica = snapshot.current(unit_name(app.key))
        if replica is not None and replica.address is not None:
            found[app.key] = replica.address
    return found


def own_ports(snapshot: Snapshot) -> tuple[tuple[str, str, int], ...]:
    """Return app, id and port of the instances that bind their port themselves."""
    return tuple(
        (replica.unit, instance.id, instance.port)
        for replica in snapshot.replicas
        if (instance := replica.instance) and instance.binds_itself
    )


def _instances() -> Json:
    """Return the route to every instance, by the id in the address."""
    pattern = "^/app/[A-Za-z0-9_-]+/~([a-z2-9]{6})/"
    return {
        "match": [{"path_regexp": {"name": "at", "pattern": pattern}}],
        "handle": [_proxy("unix/upstreams/{http.regexp.at.1}")],
        "terminal": True,
    }


def _services(app: App) -> list[Json]:
    found = []
    for service in app.services:
        if service.mount is None:
            continue
        root = f"/app/{app.key}/{service.mount}"
        strip = {"handler": "rewrite", "strip_path_prefix": root}
        found.append(_route([f"{root}/*"], [strip, _proxy(_tcp(service.port))]))
        found.append(_route([root], [_redirect(f"{root}/{{http.request.uri.prefixed_query}}")]))
    return found


def _newcomers(app: App) -> Json:
    """Return the route from an app's address to its current instance."""
    root = f"/app/{app.key}"
    strip = {"handler": "rewrite", "strip_path_prefix": root}
    route = _route([root, f"{root}/*"], [strip, _to_current(app)])
    route["match"][0] |= _is_up(app)
    return route


def _gone(app: App) -> list[Json]:
    """Return the routes of instances that are not there any more.

    A page is redirected to the current instance. What else a tab asks for goes there as it is,
    and is answered as if that instance had been meant.
    """
    root = f"/app/{app.key}"
    strip = {"handler": "rewrite", "path_regexp": [{"find": f"^{root}/~[^/]*/?", "replace": "/"}]}
    page = _route([f"{root}/~*"], [strip, _to_current(app)])
    page["match"][0] |= _is_up(app)
    page["match"][0] |= {"method": ["GET", "HEAD"], "header": {"Accept": ["*text/html*"]}}
    rest = _route([f"{root}/~*"], [_proxy(f"unix/upstreams/{{file.reattach/{app.key}}}")])
    rest["match"][0] |= _is_up(app, "reattach")
    return [page, rest]


def _current(app: App) -> str:
    """Return what the gateway replaces by the id of an app's current instance."""
    return f"{{file.current/{app.key}}}"


def _is_up(app: App, folder: str = "current") -> Json:
    """Return the matcher of requests at times when an app has a current instance."""
    return {"file": {"root": folder, "try_files": [f"/{app.key}"]}}


def _to_current(app: App) -> Json:
    return _redirect(f"/app/{app.key}/~{_current(app)}{{http.request.uri}}")


def _redirect(location: str) -> Json:
    headers = {"Location": [location], "Cache-Control": ["no-store"]}
    return {"handler": "static_response", "status_code": 307, "headers": headers}


def _tcp(port: int) -> str:
    return f"127.0.0.1:{port}"


def _proxy(dial: str) -> Json:
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": dial}],
        "flush_interval": -1,
        "stream_close_delay": STREAM_CLOSE_DELAY,
    }


def _route(paths: list[str], handle: list[Json]) -> Json:
    return {"match": [{"path": paths}], "handle": handle, "terminal": True}


def _errors(config: Config) -> list[Json]:
    """Return what answers when an upstream does not.

    Where the instance that was meant is gone, the current one is asked; else the site's page says
    why, and where even the site is away, the gateway's own.
    """
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
        "routes": [{"handle": [_proxy(_tcp(config.site_port))]}],
        "errors": {"routes": [{"handle": [away]}]},
    }
    found = []
    for app in config.apps:
        # The current instance itself does not answer: sent there again, a request would circle.
        found.append(_route([f"/app/{app.key}/~{_current(app)}/*"], [ask_site]))
        found.extend(_gone(app))
    return [*found, _route(["/app/*"], [ask_site]), {"handle": [away]}]


def _certificates(domain: str) -> Json:
    """Return the certificates of a domain: from a public authority, or our own where none can."""
    found: Json = {"certificates": {"automate": [domain]}}
    if domain == "localhost" or domain.endswith((".localhost", ".local", ".internal")):
        policy = {"subjects": [domain], "issuers": [{"module": "internal"}]}
        found["automation"] = {"policies": [policy]}
    return found
