"""The public API."""

import pytest
from flask.testing import FlaskClient

from tests.site.statuses import Fixed, app_status, document, service_status

DEMO = {
    "name": "Demo",
    "path": "/demo/",
    "description": "Shows things",
    "tags": ["a", "b"],
    "icon": "/api/v1/apps/demo/icon",
    "state": "running",
    "error": None,
    "instances": ["abcd"],
    "draining": {},
    "services": {"media": {"state": "starting", "error": None}},
}


@pytest.fixture
def source() -> Fixed:
    media = service_status(state="starting")
    return Fixed(document(demo=app_status(tags=["a", "b", "a"], services={"media": media})))


def test_status_has_what_is_public_and_nothing_else(client: FlaskClient) -> None:
    answer = client.get("/api/v1/status")
    assert answer.mimetype == "application/json"
    assert answer.get_json() == {"apps": {"demo": DEMO}}


def test_one_app(client: FlaskClient) -> None:
    assert client.get("/api/v1/apps/demo").get_json() == {"key": "demo", **DEMO}


def test_instances_that_drain_say_until_when(client: FlaskClient, source: Fixed) -> None:
    instances = [
        {"id": "efgh", "state": "running", "drains_until": None},
        {"id": "abcd", "state": "draining", "drains_until": 1795234440.5},
        {"id": "ends", "state": "draining", "drains_until": None},
        {"id": "olden", "state": "draining"},
    ]
    source.change("demo", instances=instances)
    told = client.get("/api/v1/apps/demo").get_json()
    assert told["instances"] == ["efgh", "abcd", "ends", "olden"]
    assert told["draining"] == {"abcd": 1795234440.5, "ends": None, "olden": None}


def test_an_unknown_app(client: FlaskClient) -> None:
    answer = client.get("/api/v1/apps/dem0", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == "unknown-app"
    assert answer.get_json()["error"]["near"] == ["demo"]


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/apps/demo"])
def test_who_has_it_already_gets_nothing(client: FlaskClient, source: Fixed, path: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == tag

    source.change("demo", restarts=7)  # nothing that is public
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    source.change("demo", state="failed")
    changed = client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/status"])
def test_errors_are_json_whatever_is_accepted(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    if path != "/api":
        assert answer.get_json()["error"]["code"] == "not-found"


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/apps/demo", "/healthz"])
def test_methods(client: FlaskClient, path: str) -> None:
    assert client.head(path).status_code == 200
    answer = client.post(path, headers={"Accept": "application/json"})
    assert answer.status_code == 405
    assert answer.get_json()["error"]["code"] == "method-not-allowed"
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_without_a_manager(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = None
    answer = client.get("/api/v1/status")
    assert answer.status_code == 503
    assert answer.get_json()["error"]["code"] == "starting"
    assert answer.headers["Retry-After"] == "2"
    assert client.get("/healthz").data == b"ok\n"


def test_the_last_snapshot_is_good_enough(client: FlaskClient, source: Fixed) -> None:
    client.get("/api/v1/status")
    source.change("demo", state="stopped")
    assert client.get("/api/v1/apps/demo").get_json()["state"] == "stopped"
