"""Status documents for tests, and a source that hands them out."""

from typing import Any

Document = dict[str, Any]


def app_status(**changes: Any) -> Document:
    """Return an app of the status document, with all that a manager tells of it."""
    return {
        "state": "running",
        "name": "Demo",
        "url": "http://127.0.0.1:5000/demo/",
        "path": "/demo/",
        "port": 8501,
        "description": "Shows things",
        "icon": None,
        "tags": [],
        "generation": 1,
        "restarts": 0,
        "error": None,
        "log": ["Traceback: /srv/secret/app.py"],
        "instances": [
            {
                "id": "abcd",
                "state": "running",
                "pid": 4711,
                "port": 8501,
                "generation": 1,
                "started_at": 1795234440.1,
                "sessions": 3,
                "rss_bytes": 1000000,
                "cpu_percent": 0.5,
                "error": None,
            }
        ],
        "services": {},
        **changes,
    }


def service_status(**changes: Any) -> Document:
    return {
        "state": "running",
        "path": "/app/demo/api/",
        "port": 8503,
        "restarts": 0,
        "error": None,
        "log": ["/srv/secret/server.py"],
        "instances": [],
        **changes,
    }


def document(**apps: Document) -> Document:
    """Return a whole status document."""
    return {
        "manager": {"version": "0.1.0", "pid": 1, "url": "http://127.0.0.1:5000/", "problems": []},
        "apps": apps,
    }


class Fixed:
    """A source of snapshots that a test sets by hand."""

    def __init__(self, snapshot: Document | None = None) -> None:
        self.snapshot = snapshot

    def current(self) -> Document | None:
        return self.snapshot

    def change(self, key: str, **changes: Any) -> None:
        """Publish a new snapshot in which one app differs."""
        assert self.snapshot is not None
        apps = self.snapshot["apps"]
        self.snapshot = {**self.snapshot, "apps": {**apps, key: {**apps[key], **changes}}}
