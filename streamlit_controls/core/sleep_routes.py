"""The gateway's part in sleep: who wakes an app, and who does not."""

from typing import Any

from streamlit_controls.core.app_routes import listed, subroute
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import unit_name

Json = dict[str, Any]

_ENDS = ["*/_stcore/health", "*/_stcore/script-health-check", "*/_stcore/metrics"]
_PROBE = "^/app/([A-Za-z0-9_-]+)/(?:~[^/]+/)?_stcore/(?:health|script-health-check|metrics)$"


def reattach(snapshot: Snapshot) -> dict[str, str]:
    """Return the ids of the instances that tabs of instances that are gone go to, by app.

    An app that went to sleep because its open tabs did nothing is not woken by these.
    """
    return {
        app.key: replica.address
        for app in snapshot.config.apps
        if (replica := snapshot.current(unit_name(app.key))) and replica.address
        if not (replica.dozing and replica.state is State.SLEEPING)
    }


def asleep(snapshot: Snapshot) -> dict[str, str]:
    """Return the ids at which apps wait to be woken, or are about to, by app.

    What comes between, while a process ends, waits for the next one, and would wake it.
    """
    return {
        app.key: replica.address
        for app in snapshot.config.apps
        if (replica := snapshot.current(unit_name(app.key))) and replica.address
        if replica.state is State.SLEEPING or replica.resting
    }


def probes() -> Json:
    """Return the route that answers for apps that sleep when a machine asks whether they are well.

    A page that asks the same says where it comes from; it is about to need its app.
    """
    answer = {
        "handler": "static_response",
        "status_code": 200,
        "headers": {"Content-Type": ["text/plain"], "Cache-Control": ["no-store"]},
        "body": "ok",
    }
    sleeps = {
        "match": [listed("asleep", "{http.regexp.probed.1}/*")],
        "handle": [answer],
        "terminal": True,
    }
    of_an_app = {
        "match": [{"path_regexp": {"name": "probed", "pattern": _PROBE}}],
        "handle": [subroute(sleeps)],
    }
    by_a_machine = {"method": ["GET", "HEAD"], "not": [{"header": {"Referer": ["*"]}}]}
    return {"match": [{"path": _ENDS} | by_a_machine], "handle": [subroute(of_an_app)]}
