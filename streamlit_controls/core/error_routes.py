"""The gateway's answers where who was asked does not answer."""

from typing import Any

from streamlit_controls.core.app_routes import (
    APP,
    KEY,
    NAME,
    by_path,
    ending,
    gone,
    listed,
    route,
    subroute,
)
from streamlit_controls.core.config import Config
from streamlit_controls.core.guard_routes import disguises
from streamlit_controls.core.proxying import proxy, tcp

Json = dict[str, Any]

AWAY = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport"'
    ' content="width=device-width"><meta http-equiv="refresh" content="2">'
    "<title>Back in a moment</title><style>:root{color-scheme:light dark}body{font:16px/1.5"
    " system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0}"
    "main{text-align:center;padding:1rem}h1{font-size:1.4rem}</style><main><h1>Back in a"
    " moment</h1><p>This page is starting again and reloads by itself.</p></main></html>"
)
"""The gateway's own page, for the moments in which even the site cannot answer."""

_UNHEARD = {"vars_regexp": {"{http.error.message}": {"pattern": "^dial "}}}
"""Matches requests that nobody has got to see: of others, the body may be gone."""


def errors(config: Config) -> list[Json]:
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
    # By a GET, since the body may be on its way to who was asked first.
    site = proxy(tcp(config.site_port)) | {"rewrite": {"method": "GET"}}
    ask_site = subroute({"handle": [site]}) | {"errors": {"routes": [{"handle": [away]}]}}
    of_apps = ending(route(["/app/*"], [ask_site]))
    # Whatever went wrong, it may have gone wrong before these.
    return [*disguises(config), _elsewhere(ask_site), of_apps, {"handle": [away]}]


def _elsewhere(ask_site: Json) -> Json:
    # The current instance itself does not answer: sent there again, a request would circle.
    itself = {"match": [listed("current", f"{KEY}/{NAME}")], "handle": [ask_site]}
    by_id = by_path(f"{APP}/~([a-z2-9]+)/", subroute(ending(itself)))
    others = subroute(by_id, gone(_UNHEARD)) | {"errors": {"routes": [{"handle": [ask_site]}]}}
    return by_path(f"{APP}/~", others)
