"""A status document as the manager gives it."""

from typing import Any

Document = dict[str, Any]

NOW = 1_800_000_000.0
URL = "http://127.0.0.1:5000/"


def instance(id_: str, pid: int, port: int, **changes: Any) -> Document:
    return {
        "id": id_,
        "state": "running",
        "pid": pid,
        "port": port,
        "generation": 1,
        "started_at": NOW - 3700,
        "sessions": 2,
        "drains_until": None,
        "rss_bytes": 124_000_000,
        "cpu_percent": 0.4,
        "error": None,
        **changes,
    }


def app(key: str, port: int, **changes: Any) -> Document:
    return {
        "state": "running",
        "name": key.title(),
        "url": f"{URL}{key}/",
        "path": f"/{key}/",
        "port": port,
        "description": "",
        "icon": None,
        "tags": [],
        "generation": 1,
        "restarts": 0,
        "error": None,
        "log": [],
        "last_end": None,
        "instances": [instance("k3f9", port + 1000, port)],
        "services": {},
        **changes,
    }


def service(port: int, **changes: Any) -> Document:
    return {
        "state": "running",
        "path": "/app/media-explorer/api/",
        "port": port,
        "restarts": 1,
        "error": None,
        "log": [],
        "last_end": None,
        "instances": [instance("m2xa", port + 1000, port, sessions=None, rss_bytes=61_000_000)],
        **changes,
    }


def own(port: int, pid: int | None, **changes: Any) -> Document:
    return {
        "state": "running",
        "pid": pid,
        "port": port,
        "restarts": 0,
        "error": None,
        "started_at": NOW - 3710,
        "rss_bytes": 48_000_000,
        "cpu_percent": 0.1,
        **changes,
    }


def status(apps: dict[str, Document] | None = None, **manager: Any) -> Document:
    return {
        "manager": {
            "version": "0.1.0",
            "pid": 4700,
            "started_at": NOW - 3715,
            "url": URL,
            "website_port": 5000,
            "manager_port": 8499,
            "rss_bytes": 41_000_000,
            "cpu_percent": 0.0,
            "site": own(8500, 4702),
            "gateway": own(5000, 4703, rss_bytes=35_000_000),
            "problems": [],
            **manager,
        },
        "apps": {"hello": app("hello", 8501)} if apps is None else apps,
    }


def busy() -> Document:
    """A site with everything: a service, replicas, what failed, a problem."""
    return status(
        {
            "hello": app("hello", 8501),
            "media-explorer": app(
                "media-explorer",
                8502,
                services={"media-server": service(8503)},
                instances=[
                    instance("k3f9", 9502, 8502),
                    instance("p7wd", 9504, 8504, state="draining", sessions=1),
                ],
            ),
            "sales": app("sales", 8505, error="KeyError: 'region'"),
            "broken": app(
                "broken",
                8506,
                state="failed",
                restarts=5,
                error="app.py, line 3: SyntaxError: '(' was never closed",
                log=["    st.title(", "            ^", "SyntaxError: '(' was never closed"],
                instances=[],
            ),
            "night": app("night", 8507, state="sleeping", instances=[]),
        },
        problems=[
            {
                "path": "apps.sales.port",
                "message": "8499 is the manager's own port",
                "hint": "choose another port",
            }
        ],
    )
