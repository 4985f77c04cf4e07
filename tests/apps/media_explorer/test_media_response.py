"""Files over HTTP: types, validators, ranges and what a client may keep."""

import json
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.apps.media_explorer.asgi import ask
from tests.apps.media_explorer.subjects import code, furnish_all, make_app


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    furnish_all(tmp_path)
    return make_app(tmp_path)


def test_media_has_its_type_and_validators(app: FastAPI, tmp_path: Path) -> None:
    answer = ask(app, "/media/pictures/TWO.JPG")
    assert answer.body == (tmp_path / "pictures" / "TWO.JPG").read_bytes()
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["etag"].startswith('"')
    assert parsedate_to_datetime(answer.headers["last-modified"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/media/pictures/film.mp4", "/thumbnail/pictures/one.png"])
def test_what_a_client_has_is_not_sent_again(app: FastAPI, path: str) -> None:
    first = ask(app, path)
    for headers in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f'"other", W/{first.headers["etag"]}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        again = ask(app, path, headers=headers)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": first.headers["last-modified"]},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-Modified-Since": "nonsense"},
    ):
        assert ask(app, path, headers=headers).status == 200


def test_a_url_with_the_right_version_may_be_kept_for_ever(app: FastAPI) -> None:
    version = json.loads(ask(app, "/media_place/pictures/one.png").body)["item"]["version"]
    for route in ("media", "thumbnail"):
        path = f"/{route}/pictures/one.png"
        assert "immutable" in ask(app, path, f"v={version}").headers["cache-control"]
        for query in ("", "v=", "v=None", "v=1-2"):
            assert ask(app, path, query).headers["cache-control"] == "private, no-cache"


FILM = bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=10000-", 10000, 10240), ("bytes=-40", 10200, 10240)],
)
def test_ranges(app: FastAPI, header: str, start: int, end: int) -> None:
    answer = ask(app, "/media/pictures/film.mp4", headers={"Range": header})
    assert (answer.status, answer.body) == (206, FILM[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/10240"
    assert answer.headers["content-length"] == str(end - start)


def test_a_range_after_the_end_has_a_reason(app: FastAPI) -> None:
    answer = ask(app, "/media/pictures/film.mp4", headers={"Range": "bytes=10240-"})
    assert (answer.status, code(answer)) == (416, "range-not-satisfiable")
    assert answer.headers["content-range"] == "bytes */10240"


def test_a_range_of_another_version_gets_the_whole_file(app: FastAPI) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert ask(app, "/media/pictures/film.mp4", headers=headers).body == FILM
    headers["If-Range"] = ask(app, "/media/pictures/film.mp4").headers["etag"]
    assert ask(app, "/media/pictures/film.mp4", headers=headers).status == 206


@pytest.mark.parametrize("route", ["media", "thumbnail"])
def test_head_is_get_without_a_body(app: FastAPI, route: str) -> None:
    get = ask(app, f"/{route}/pictures/one.png")
    head = ask(app, f"/{route}/pictures/one.png", method="HEAD")
    assert (head.status, head.headers) == (get.status, get.headers)
    assert ask(app, "/media/pictures/film.mp4", method="HEAD").body == b""
