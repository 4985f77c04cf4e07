"""The routes that change something: what they do, and that they do nothing without the token."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from media_error import MediaConfigError, TokenUnavailableError
from media_server import create_app

from tests.apps.media_explorer.asgi import Answer, ask
from tests.apps.media_explorer.subjects import (
    AN_ID,
    AUTHORISED,
    TOKEN,
    code,
    furnish_all,
    make_app,
    make_service,
)

CHANGES = [
    ("POST", "/favourite/pictures/one.png"),
    ("DELETE", "/favourite/pictures/one.png"),
    ("DELETE", "/media/pictures/one.png"),
    ("GET", "/trash/pictures"),
    ("POST", f"/trash/pictures/{AN_ID}"),
    ("DELETE", "/trash/pictures"),
    ("POST", "/reload"),
]


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    furnish_all(tmp_path)
    return make_app(tmp_path)


def change(app: FastAPI, method: str, path: str) -> Answer:
    return ask(app, path, method=method, headers=AUTHORISED)


def content(answer: Answer) -> Any:
    assert answer.status == 200, answer.text
    return json.loads(answer.body)


def favourites(app: FastAPI) -> list[str]:
    listed = content(ask(app, "/media_list/pictures", "favourites_flag=true"))
    return [item["name"] for item in listed["items"]]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Authorization": "Bearer another"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer schl\u00fcssel"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Cookie": f"token={TOKEN}; access_token={TOKEN}"},
        {"X-Token": TOKEN, "Origin": "https://example.org"},
    ],
)
def test_nothing_happens_without_the_token(
    app: FastAPI, tmp_path: Path, method: str, path: str, shown: dict[str, str]
) -> None:
    before = sorted(tmp_path.rglob("*"))
    query = f"token={TOKEN}&access_token={TOKEN}"
    answer = ask(app, path, query, method=method, headers=shown)
    assert (answer.status, code(answer)) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text
    assert sorted(tmp_path.rglob("*")) == before


def test_whether_something_is_there_is_not_told_without_the_token(app: FastAPI) -> None:
    for path in ("/media/nothing/one.png", "/media/pictures/nothing", f"/media/{'x' * 999}/y"):
        assert ask(app, path, method="DELETE").status == 401


def test_the_description_tells_which_routes_need_the_token(app: FastAPI) -> None:
    operations = {
        (method.upper(), path): operation
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }
    closed = {key for key, operation in operations.items() if operation.get("security")}
    assert {(method, path.split("/")[1]) for method, path in closed} == {
        (method, path.split("/")[1]) for method, path in CHANGES
    }
    assert {method for method, _ in operations.keys() - closed} == {"GET"}
    schemes = app.openapi()["components"]["securitySchemes"]
    assert schemes["HTTPBearer"]["scheme"] == "bearer"


def test_favourites(app: FastAPI) -> None:
    assert content(change(app, "POST", "/favourite/pictures/one.png"))["favourite"]
    assert content(ask(app, "/media_place/pictures/one.png"))["item"]["favourite"]
    assert favourites(app) == ["one.png"]
    assert not content(change(app, "DELETE", "/favourite/pictures/one.png"))["favourite"]
    assert favourites(app) == []


def test_deleting_restoring_and_emptying(app: FastAPI, tmp_path: Path) -> None:
    deleted = content(change(app, "DELETE", "/media/pictures/one.png"))
    assert deleted["name"] == "one.png"
    assert datetime.fromisoformat(deleted["deleted"]).tzinfo
    assert ask(app, "/media/pictures/one.png").status == 404
    assert content(change(app, "GET", "/trash/pictures"))["items"] == [deleted]
    restored = content(change(app, "POST", f"/trash/pictures/{deleted['id']}"))
    assert restored["name"] == "one.png"
    assert ask(app, "/media/pictures/one.png").status == 200
    change(app, "DELETE", "/media/pictures/one.png")
    assert content(change(app, "DELETE", "/trash/pictures")) == {"removed": 1}
    assert not list((tmp_path / "pictures" / ".trash").iterdir())


@pytest.mark.parametrize(
    ("method", "path", "status", "expected"),
    [
        ("POST", "/favourite/pictures/notes.txt", 404, "unknown-file"),
        ("DELETE", "/favourite/nothing/one.png", 404, "unknown-source"),
        ("DELETE", "/media/two/one.png", 404, "unknown-file"),
        ("DELETE", "/media/web/a.jpg", 409, "link-not-deletable"),
        ("DELETE", "/media/gone/one.png", 503, "source-unavailable"),
        ("DELETE", "/trash/gone", 503, "source-unavailable"),
        ("GET", "/trash/nothing", 404, "unknown-source"),
        ("POST", f"/trash/pictures/{AN_ID}", 404, "unknown-trash"),
        ("POST", "/trash/pictures/nothing", 422, "invalid-parameter"),
        ("POST", f"/trash/pictures/{AN_ID}%0a", 422, "invalid-parameter"),
        ("POST", f"/favourite/pictures/{'x' * 256}", 422, "invalid-parameter"),
    ],
)
def test_errors_have_a_reason(
    app: FastAPI, tmp_path: Path, method: str, path: str, status: int, expected: str
) -> None:
    answer = change(app, method, path)
    assert (answer.status, code(answer)) == (status, expected)
    assert str(tmp_path) not in answer.text


def test_a_name_that_is_taken_again_is_not_overwritten(app: FastAPI, tmp_path: Path) -> None:
    deleted = content(change(app, "DELETE", "/media/pictures/one.png"))
    (tmp_path / "pictures" / "one.png").write_bytes(b"another")
    answer = change(app, "POST", f"/trash/pictures/{deleted['id']}")
    assert (answer.status, code(answer)) == (409, "name-taken")
    assert (tmp_path / "pictures" / "one.png").read_bytes() == b"another"


def test_without_a_data_folder_favourites_are_refused_with_a_reason(
    app: FastAPI, tmp_path: Path
) -> None:
    (tmp_path / "data").touch()
    answer = change(app, "POST", "/favourite/pictures/one.png")
    assert (answer.status, code(answer)) == (503, "favourites-unavailable")
    assert favourites(app) == []


@pytest.mark.parametrize("error", [MediaConfigError("No.", "Why."), TokenUnavailableError("No.")])
def test_without_a_token_of_its_own_the_server_lets_nobody_change_anything(
    tmp_path: Path, error: Exception
) -> None:
    furnish_all(tmp_path)

    def no_token() -> str:
        raise error

    app = create_app(lambda: make_service(tmp_path), no_token)
    for method, path in CHANGES:
        for headers in ({}, AUTHORISED, {"Authorization": "Bearer "}):
            answer = ask(app, path, method=method, headers=headers)
            assert (answer.status, code(answer)) == (503, "token-unavailable")
    assert ask(app, "/media_sources").status == 200


def test_a_token_that_was_changed_counts_at_once(tmp_path: Path) -> None:
    furnish_all(tmp_path)
    tokens = iter(["first", "second", "second"])
    app = create_app(lambda: make_service(tmp_path), lambda: next(tokens))
    headers = {"Authorization": "Bearer first"}
    assert ask(app, "/trash/pictures", headers=headers).status == 200
    assert ask(app, "/trash/pictures", headers=headers).status == 401
