"""What stands in for an app that cannot answer."""

import pytest
from flask.testing import FlaskClient

from streamlit_site.states import STATES
from tests.site.statuses import Fixed, app_status, document, service_status

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
JSON = {"Accept": "application/json, text/plain, */*"}


@pytest.mark.parametrize("state", STATES)
def test_the_page_says_which_app_which_state_and_why(
    client: FlaskClient, source: Fixed, state: str
) -> None:
    source.change("demo", state=state, error="it broke")
    answer = client.get("/app/demo/~abcd/numbers?x=1")
    assert answer.status_code == 503
    assert STATES[state].headline.format(name="Demo") in answer.text
    assert STATES[state].label in answer.text
    assert "it broke" in answer.text
    assert 'data-page="unavailable"' in answer.text
    assert "/static/waiting.js" in answer.text


@pytest.mark.parametrize("state", sorted(set(STATES) - {"sleeping"}))
def test_it_tries_again_by_itself(client: FlaskClient, source: Fixed, state: str) -> None:
    source.change("demo", state=state)
    answer = client.get("/app/demo/~abcd/")
    assert answer.headers["Retry-After"] == str(STATES[state].retry_after)
    assert '<noscript><meta http-equiv="refresh"' in answer.text
    assert ("data-answers" in answer.text) is STATES[state].answers


def test_nothing_but_a_person_wakes_what_sleeps(client: FlaskClient, source: Fixed) -> None:
    source.change("demo", state="sleeping", instances=[])
    answer = client.get("/app/demo/~abcd/")
    assert answer.status_code == 503
    assert "Retry-After" not in answer.headers
    assert 'http-equiv="refresh"' not in answer.text
    assert "data-answers" not in answer.text
    assert ">Wake it</a>" in answer.text
    error = client.get("/app/demo/~abcd/_stcore/health", headers=JSON).get_json()["error"]
    assert (error["state"], error["detail"]) == ("sleeping", None)
    assert "retry_after" not in error


@pytest.mark.parametrize("path", ["/app/demo", "/app/demo/", "/app/demo/~x/_stcore/stream"])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_and_path(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method, data=b"x" * 100)
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_a_websocket_gets_an_answer_too(client: FlaskClient) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    assert client.get("/app/demo/~abcd/_stcore/stream", headers=upgrade).status_code == 503


def test_programs_get_json(client: FlaskClient, source: Fixed) -> None:
    source.change("demo", state="backoff", error="exit code 1")
    answer = client.get("/app/demo/~abcd/_stcore/health", headers=JSON)
    assert answer.status_code == 503
    assert answer.get_json() == {
        "error": {
            "code": "unavailable",
            "message": "Demo ended unexpectedly",
            "app": "demo",
            "service": None,
            "state": "backoff",
            "detail": "exit code 1",
            "retry_after": 3,
        }
    }
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("", "text/html"),
        ("application/json", "application/json"),
        ("application/json, */*;q=0.1", "application/json"),
        ("image/png", "text/html"),
    ],
)
def test_what_the_client_accepts(client: FlaskClient, accept: str, kind: str) -> None:
    answer = client.get("/app/demo/", headers={"Accept": accept})
    assert answer.mimetype == kind


def test_a_service_is_told_apart_from_its_app(client: FlaskClient, source: Fixed) -> None:
    service = service_status(state="failed", error="port 8503 is taken")
    source.change("demo", services={"media-server": service})
    answer = client.get("/app/demo/api/items", headers=JSON).get_json()["error"]
    assert answer["service"] == "media-server"
    assert answer["state"] == "failed"
    assert answer["detail"] == "port 8503 is taken"
    page = client.get("/app/demo/api/items").text
    assert "media-server cannot run" in page
    assert "A service of Demo" in page
    assert client.get("/app/demo/apix", headers=JSON).get_json()["error"]["service"] is None


def test_an_unknown_app(client: FlaskClient) -> None:
    answer = client.get("/app/demmo/~abcd/")
    assert answer.status_code == 404
    assert 'href="/demo/"' in answer.text
    answer = client.get("/app/demmo/", headers=JSON)
    assert answer.get_json()["error"]["near"] == ["demo"]


def test_logs_and_processes_are_not_public(client: FlaskClient, source: Fixed) -> None:
    source.change("demo", state="failed", services={"media": service_status(state="failed")})
    for path in ("/app/demo/", "/app/demo/api/", "/demo/", "/", "/api/v1/status"):
        text = client.get(path).text
        assert "/srv/secret" not in text
        assert "4711" not in text


def test_without_a_manager(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = None
    answer = client.get("/app/demo/")
    assert answer.status_code == 503
    assert 'data-page="unavailable"' in answer.text
    answer = client.get("/app/demo/", headers=JSON)
    assert answer.get_json()["error"] == {
        "code": "starting",
        "message": "The controller is starting",
        "retry_after": 2,
    }


def test_the_list_of_apps_is_not_under_app(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = document(app=app_status(path="/app/"))
    assert client.get("/app/").status_code == 404
    assert client.get("/app").status_code == 404
