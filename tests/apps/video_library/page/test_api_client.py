"""The page's client: what it asks, for whom, and what it makes of each answer."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from library_page.api_client import (
    ApiAway,
    ApiClient,
    ApiProblem,
    NotSignedIn,
    Session,
)
from library_page.video import Status

TOKEN = "t0ken"
SESSION = Session("eve@example.com", "proof")
VIDEO = {
    "id": "v1",
    "title": "Waves",
    "status": "processing",
    "size": 2000,
    "received": 2000,
    "duration": None,
    "width": None,
    "height": None,
    "sha256": None,
    "created_at": "2026-11-26T12:00:00Z",
    "error": None,
    "stream": None,
    "a later field": 1,
}
SHELF = {"videos": [VIDEO], "used": 2000, "quota": 9000, "largest": 5000}

Answer = httpx.Response | Exception


def client(answer: Answer, token: str | None = TOKEN) -> tuple[ApiClient, list[httpx.Request]]:
    """Return a client of an API that always answers the same, and what that is asked."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ApiClient("http://api", token, transport=httpx.MockTransport(handle)), asked


def refusal(status: int) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": "x", "message": f"It is {status}."}})


def test_it_speaks_for_the_visitor() -> None:
    api, asked = client(httpx.Response(200, json=SHELF))
    with api:
        shelf = api.shelf()
    assert (shelf.used, shelf.quota, shelf.largest) == (2000, 9000, 5000)
    assert (shelf.videos[0].title, shelf.videos[0].status) == ("Waves", Status.PROCESSING)
    assert shelf.videos[0].is_under_way
    assert asked[0].headers["Cookie"] == "video_library_session=t0ken"


@pytest.mark.parametrize("token", [None, "", "ünsinn", "猫"])
def test_without_a_token_of_the_api_s_it_does_not_even_ask(token: str | None) -> None:
    api, asked = client(httpx.Response(200, json={}), token)
    with api, pytest.raises(NotSignedIn):
        api.session()
    assert asked == []


def test_a_change_carries_the_session_s_proof() -> None:
    api, asked = client(httpx.Response(204))
    with api:
        api.delete("../x y", SESSION)
    assert asked[0].method == "DELETE"
    assert asked[0].url.raw_path == b"/videos/..%2Fx%20y"
    assert asked[0].headers["X-CSRF-Token"] == "proof"


def test_what_is_gone_already_is_deleted() -> None:
    api, _ = client(refusal(404))
    with api:
        api.delete("v1", SESSION)


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (refusal(401), NotSignedIn, "It is 401."),
        (refusal(403), ApiProblem, "It is 403."),
        (refusal(429), ApiProblem, "It is 429."),
        (refusal(500), ApiAway, "It is 500."),
        (refusal(503), ApiAway, "It is 503."),
        (httpx.ConnectError("refused"), ApiAway, "The library does not answer."),
        (httpx.ReadTimeout("slow"), ApiAway, "The library does not answer."),
        (httpx.Response(502, text="Bad gateway"), ApiAway, "The library answers nonsense (502)."),
        (httpx.Response(200, text="<html>"), ApiAway, "The library answers nonsense (200)."),
        (httpx.Response(400, json={}), ApiAway, "The library answers nonsense (400)."),
        (httpx.Response(400, json=[]), ApiAway, "The library answers nonsense (400)."),
    ],
)
def test_failures(answer: Answer, error: type[ApiProblem], message: str) -> None:
    questions: list[Callable[[ApiClient], Any]] = [
        lambda api: api.session(),
        lambda api: api.shelf(),
        lambda api: api.delete("v1", SESSION),
    ]
    for question in questions:
        api, _ = client(answer)
        with api, pytest.raises(error) as caught:
            question(api)
        assert type(caught.value) is error
        assert str(caught.value) == message


@pytest.mark.parametrize("document", [{}, {"videos": [{}]}, {"videos": 5, "used": 0}, []])
def test_an_answer_that_lacks_something_is_nonsense(document: Any) -> None:
    api, _ = client(httpx.Response(200, json=document))
    with api, pytest.raises(ApiAway):
        api.shelf()
