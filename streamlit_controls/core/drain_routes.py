"""The gateway's part in draining: who comes anew goes to the instance that came in its place."""

from typing import Any

from streamlit_controls.core.app_routes import ending, listed, subroute
from streamlit_controls.core.asset_routes import PAGE
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.snapshot import Snapshot

Json = dict[str, Any]

_PAGE = f"^/app/([A-Za-z0-9_-]+)/~([a-z2-9]{{6}})/{PAGE}$"


def draining(snapshot: Snapshot) -> dict[str, str]:
    """Return the ids of the instances that are there for their sessions only, each with itself."""
    return {
        replica.instance.id: replica.instance.id
        for replica in snapshot.replicas
        if replica.state is State.DRAINING and replica.drains_until is not None
        if replica.instance is not None
    }


def pages() -> Json:
    """Return the route of pages of instances that drain: opened anew, they are the current one's.

    An open tab asks for its page no more; its connection and what it loads stay where they are.
    """
    onward = [
        {"handler": "rewrite", "path_regexp": [{"find": "^.*/~[^/]*/", "replace": "/"}]},
        {
            "handler": "static_response",
            "status_code": 307,
            # What is sent may begin with two slashes, and would lead to another host.
            "headers": {
                "Location": ["/app/{http.regexp.drains.1}{http.request.uri}"],
                "Cache-Control": ["no-store"],
            },
        },
    ]
    is_one = listed("draining", "{http.regexp.drains.2}/*")
    page = {"path_regexp": {"name": "drains", "pattern": _PAGE}}
    asked_for = {"method": ["GET", "HEAD"], "header": {"Accept": ["*text/html*"]}}
    return {
        "match": [asked_for],
        "handle": [
            subroute(
                {
                    "match": [page],
                    "handle": [subroute(ending({"match": [is_one], "handle": onward}))],
                }
            )
        ],
    }
