"""The REST API: its routes, its bounds, what it refuses."""

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from api import create_app
from computations.catalogue import COMPUTATIONS
from PIL import Image
from rest.board import Board
from starlette.types import ASGIApp, Receive, Scope, Send

from streamlit_kit import TaskPool
from tests.apps.task_runner.conftest import LARGE, SMALL, serving
from tests.support.waiting import until

NOBODY = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def pool() -> Iterator[TaskPool]:
    with TaskPool(1, max_queued=2, max_kept=3) as pool:
        yield pool


class Exchangeable:
    """An app that is another one for each test, while one server goes on."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Exchangeable, httpx.Client]]:
    app = Exchangeable()
    with serving(app) as client:
        yield app, client


@pytest.fixture
def api(pool: TaskPool, served: tuple[Exchangeable, httpx.Client]) -> httpx.Client:
    app, client = served
    app.app = create_app(Board(pool))
    return client


def start(api: httpx.Client, key: str, arguments: dict[str, Any]) -> dict[str, Any]:
    answer = api.post("/jobs", json={"computation": key, **arguments})
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/jobs/{job['id']}"
    return job


def look(api: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/jobs/{job['id']}").json()
    return found


def wait(api: httpx.Client, job: dict[str, Any], *statuses: str) -> dict[str, Any]:
    until(lambda: look(api, job)["status"] in statuses, f"{statuses}")
    return look(api, job)


def test_computations_tell_what_they_take(api: httpx.Client) -> None:
    listed = api.get("/computations").json()["computations"]
    assert [each["key"] for each in listed] == list(COMPUTATIONS)
    parameters = {each["name"]: each for each in listed[0]["parameters"]}
    assert parameters["place"]["options"][0] == parameters["place"]["default"] == "Seahorses"
    assert (parameters["width"]["low"], parameters["width"]["high"]) == (160, 1280)


@pytest.mark.parametrize("key", COMPUTATIONS)
def test_a_job_from_its_start_to_its_result(api: httpx.Client, key: str) -> None:
    job = start(api, key, SMALL[key])
    assert job["parameters"] == SMALL[key]
    done = wait(api, job, "done")
    assert (done["fraction"], done["error"]) == (1, None)
    assert done["headline"]
    assert done["seconds"] >= 0
    if key == "primes":
        assert done["result"]["count"] == 78_498
    picture = api.get(f"/jobs/{job['id']}/picture")
    if key == "fractal":
        with Image.open(io.BytesIO(picture.content)) as image:
            assert image.size == (160, 100)
        assert picture.headers["Content-Type"] == "image/png"
    elif key == "tour":
        assert picture.headers["Content-Type"] == "image/svg+xml"
        assert picture.content.startswith(b"<svg")
    else:
        assert picture.status_code == 404
        assert picture.json()["error"]["code"] == "no-picture"
    has_picture = f"/jobs/{job['id']}/picture" if picture.is_success else None
    assert done["picture"] == has_picture


def test_defaults(api: httpx.Client) -> None:
    job = start(api, "tour", {"cities": 12.0})
    assert job["parameters"] == {"cities": 12, "rounds": 5000, "seed": 1}


def test_progress_and_cancelling(api: httpx.Client) -> None:
    job = start(api, "pi", LARGE["pi"])
    until(lambda: look(api, job)["result"], "an estimate")
    seen = look(api, job)
    assert seen["status"] == "running"
    assert 0 < seen["fraction"] < 1
    answer = api.delete(f"/jobs/{job['id']}")
    assert answer.status_code == 202
    assert answer.json()["status"] in ("cancelling", "cancelled")
    ended = wait(api, job, "cancelled")
    assert ended["result"]["darts"] >= seen["result"]["darts"]
    assert api.delete(f"/jobs/{job['id']}").json()["status"] == "cancelled"


def test_too_many_jobs(api: httpx.Client) -> None:
    jobs = [start(api, "pi", LARGE["pi"])]
    wait(api, jobs[0], "running")
    jobs += [start(api, "pi", LARGE["pi"]) for _ in range(2)]
    refused = api.post("/jobs", json={"computation": "primes"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["error"]["code"] == "too-many-jobs"
    assert api.delete(f"/jobs/{jobs[-1]['id']}").json()["status"] == "cancelled"
    start(api, "primes", SMALL["primes"])


def test_results_go_when_there_are_more(api: httpx.Client) -> None:
    jobs = [start(api, "primes", SMALL["primes"]) for _ in range(1)]
    for _ in range(4):
        wait(api, jobs[-1], "done")
        jobs.append(start(api, "primes", SMALL["primes"]))
    wait(api, jobs[-1], "done")
    found = [api.get(f"/jobs/{job['id']}").status_code for job in jobs]
    assert found == [404, 404, 200, 200, 200]


def test_ids_cannot_be_guessed_and_nothing_lists_them(api: httpx.Client) -> None:
    ids = {start(api, "primes", SMALL["primes"])["id"] for _ in range(2)}
    assert all(len(job_id) == 22 for job_id in ids)
    assert api.get("/jobs").status_code == 405
    assert api.put(f"/jobs/{NOBODY}").headers["Allow"] == "DELETE, GET"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_of_nobody(api: httpx.Client, method: str) -> None:
    answer = api.request(method, f"/jobs/{NOBODY}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "unknown-job"
    assert api.get(f"/jobs/{NOBODY}/picture").json() == answer.json()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "body"),
        ([], "body"),
        ({"computation": "weather"}, "weather"),
        ({"computation": "primes", "millions": 0}, "primes.millions"),
        ({"computation": "primes", "millions": 10**30}, "primes.millions"),
        ({"computation": "primes", "millions": "7"}, "primes.millions"),
        ({"computation": "primes", "millions": True}, "primes.millions"),
        ({"computation": "primes", "seed": 1}, "primes.seed"),
        ({"computation": "fractal", "place": "../app.py"}, "fractal.place"),
    ],
)
def test_a_request_that_makes_no_sense(api: httpx.Client, body: Any, said: str) -> None:
    answer = api.post("/jobs", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid-request"
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"computation": NaN}'])
def test_a_body_that_is_no_json(api: httpx.Client, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.post("/jobs", content=content, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["message"]


def test_a_form_of_another_site_starts_nothing(api: httpx.Client) -> None:
    """What a browser sends without asking first is not taken for JSON."""
    body = json.dumps({"computation": "primes"})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = api.post("/jobs", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 422


def test_a_large_body(api: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield from [b" " * 1000] * 5

    for content in (b" " * 5000, chunks()):
        answer = api.post("/jobs", content=content)
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "body-too-large"


def test_what_nobody_expected_says_nothing(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(Board, "find", broken)
    answer = api.get(f"/jobs/{NOBODY}")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal-error"
    assert "secret" not in answer.text


def test_addresses_below_a_root_path(pool: TaskPool) -> None:
    with serving(create_app(Board(pool)), "/app/task-runner/api") as api:
        job = api.post("/jobs", json={"computation": "tour", **SMALL["tour"]})
        address = job.headers["Location"]
        assert address == f"/app/task-runner/api/jobs/{job.json()['id']}"
        until(lambda: look(api, job.json())["picture"] == f"{address}/picture", "a picture")
        assert api.get("/openapi.json").json()["servers"] == [{"url": "/app/task-runner/api"}]
        to_docs = api.get("/", follow_redirects=False).headers["Location"]
        assert to_docs == "/app/task-runner/api/docs"
        page = api.get("/docs").text
        assert "/app/task-runner/api/static-offline-docs/swagger-ui-bundle.js" in page
        assert "http" not in page.replace("https://fastapi", "")
        assert api.get("/static-offline-docs/swagger-ui-bundle.js").is_success
