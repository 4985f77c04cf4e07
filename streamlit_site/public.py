"""The public shape of the status: what anybody may know of the apps."""

from typing import Any

from streamlit_site.apps import App
from streamlit_site.directory import Directory


def status_document(directory: Directory) -> dict[str, Any]:
    return {"apps": {key: app_document(app) for key, app in directory.apps.items()}}


def app_document(app: App) -> dict[str, Any]:
    """Return an app without what concerns operators: processes, ports, memory, logs."""
    return {
        "name": app.name,
        "path": app.path,
        "description": app.description,
        "tags": list(app.tags),
        "icon": f"/api/v1/apps/{app.key}/icon",
        "state": app.state,
        "error": app.error,
        "instances": [one.id for one in app.instances],
        "draining": {one.id: one.drains_until for one in app.instances if one.draining},
        "services": {
            service.name: {"state": service.state, "error": service.error}
            for service in app.services
        },
    }
