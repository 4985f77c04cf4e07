"""What there is in a project, seen from its files alone: works when nothing runs."""

import json
from pathlib import Path

from streamlit_controls.core.errors import UnknownApp
from streamlit_controls.core.names import SLUG, suggestion
from streamlit_controls.project import Project

OWN_LOGS = ("controller", "website", "gateway")
"""Logs of our own processes."""


def app_keys(project: Project) -> list[str]:
    """Return the apps that config.json names and those that lie in apps/."""
    found = {*_configured(project), *_folders(project.apps)}
    return sorted(key for key in found if SLUG.match(key))


def services_with_logs(project: Project, app: str) -> list[str]:
    """Return an app's services that have a log."""
    names = (path.name for path in project.logs.glob(f"{app}.*.log"))
    return sorted(name.removeprefix(f"{app}.").removesuffix(".log") for name in names)


def log_file(project: Project, app: str, service: str | None) -> Path:
    """Return where the log of an app, of its service or of our own process lies.

    Raises UnknownApp for names that nothing has.
    """
    known = [*app_keys(project), *OWN_LOGS]
    if app not in known:
        raise unknown(app, known)
    if service is None:
        return project.logs / f"{app}.log"
    services = services_with_logs(project, app)
    if service not in services:
        listed = f"its services with a log: {', '.join(services)}" if services else "it has none"
        raise UnknownApp(
            f"{app} has no service {service!r} with a log", suggestion(service, services) or listed
        )
    return project.logs / f"{app}.{service}.log"


def unknown(app: str, known: list[str]) -> UnknownApp:
    """Return the error for an app that is not there, with what may have been meant."""
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return UnknownApp(
        f"there is no app {app!r}", suggestion(app, known) or f"there are: {listed or 'none'}"
    )


def _configured(project: Project) -> list[str]:
    try:
        apps = json.loads(project.config_file.read_text(encoding="utf-8"))["apps"]
        return list(apps)
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _folders(apps: Path) -> list[str]:
    try:
        return [path.name for path in apps.iterdir() if path.is_dir()]
    except OSError:
        return []
