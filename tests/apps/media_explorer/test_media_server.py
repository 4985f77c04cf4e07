"""The media server's routes: answers, errors, caching, ranges, and what it must never do."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from media_service import MediaService

from tests.apps.media_explorer.asgi import Answer, ask
from tests.apps.media_explorer.conftest import ODD_NAMES, VISIBLE, make_picture
from tests.apps.media_explorer.subjects import code, furnish_all, make_app


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    furnish_all(tmp_path)
    return make_app(tmp_path)


def names(answer: Answer) -> list[str]:
    return [item["name"] for item in json.loads(answer.body)["items"]]


def test_health(app: FastAPI) -> None:
    answer = ask(app, "/health")
    assert (answer.status, json.loads(answer.body)["status"]) == (200, "ok")


@pytest.mark.parametrize("root_path", ["", "/app/media-explorer/api"])
def test_the_documentation_is_all_from_here_below_the_root_path(
    app: FastAPI, root_path: str
) -> None:
    answer = ask(app, "/", root_path=root_path)
    assert (answer.status, answer.headers["location"]) == (307, f"{root_path}/docs")
    docs = ask(app, "/docs", root_path=root_path)
    assert "//" not in re.sub(r"^ *//.*", "", docs.text, flags=re.MULTILINE)
    loaded = re.findall(r"""(?:src|href|url)['"]?[=:] ?["']([^"']+)["']""", docs.text)
    assert len(loaded) == 4
    for url in loaded:
        assert url.startswith(f"{root_path}/")
        part = ask(app, url.removeprefix(root_path), root_path=root_path)
        assert part.status == 200
        kind = part.headers["content-type"].partition(";")[0]
        assert kind in ("text/javascript", "text/css", "image/png", "application/json")


def test_sources(app: FastAPI) -> None:
    sources = json.loads(ask(app, "/media_sources").body)["sources"]
    assert [(each["name"], each["kind"], each["count"]) for each in sources] == [
        ("pictures", "folder", 4),
        ("odd", "folder", len(ODD_NAMES)),
        ("two", "folder", 1),
        ("gone", "folder", 0),
        ("web", "links", 2),
    ]


def test_list_has_all_parameters(app: FastAPI) -> None:
    assert set(names(ask(app, "/media_list/pictures"))) == VISIBLE
    by_name = "sort_flag=true&sort_by_date_flag=false&ascending=true"
    answer = ask(app, "/media_list/pictures", f"{by_name}&offset=1&limit=2")
    assert names(answer) == ["one.png", "same.png"]
    assert json.loads(answer.body)["total"] == 4
    assert json.loads(answer.body)["offset"] == 1
    assert names(ask(app, "/media_list/pictures", f"{by_name}&filter_string=ON")) == ["one.png"]
    assert names(ask(app, "/media_list/web", by_name)) == ["a.jpg", "b.jpg"]
    assert names(ask(app, "/media_list/web", "sort_flag=false")) == ["b.jpg", "a.jpg"]


def test_place(app: FastAPI) -> None:
    place = json.loads(ask(app, "/media_place/pictures/one.png", "sort_by_date_flag=false").body)
    assert (place["item"]["name"], place["position"], place["total"]) == ("one.png", 2, 4)
    assert (place["previous"], place["next"]) == ("same.png", "film.mp4")


def test_encode_gives_a_data_url_with_the_true_type(app: FastAPI) -> None:
    answer = ask(app, "/media/pictures/TWO.JPG", "encode=true")
    assert answer.text.startswith("data:image/jpeg;base64,/9j/")
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_thumbnail_is_a_webp_from_the_cache_folder(app: FastAPI, tmp_path: Path) -> None:
    make_picture(tmp_path / "pictures" / "large.png", (900, 600))
    answer = ask(app, "/thumbnail/pictures/large.png", "width=300")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.body[8:12] == b"WEBP"
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_links_are_shown_by_their_link(app: FastAPI) -> None:
    for route in ("media", "thumbnail"):
        answer = ask(app, f"/{route}/web/a.jpg")
        assert (answer.status, answer.headers["location"]) == (307, "https://example.org/a.jpg")
    assert code(ask(app, "/media/web/a.jpg", "encode=true")) == "link-not-fetched"


@pytest.mark.parametrize(
    ("path", "query", "status", "expected"),
    [
        ("/media_list/nothing", "", 404, "unknown-source"),
        ("/media/nothing/one.png", "", 404, "unknown-source"),
        ("/thumbnail/nothing/one.png", "", 404, "unknown-source"),
        ("/media_place/nothing/one.png", "", 404, "unknown-source"),
        ("/media/pictures/nothing.png", "", 404, "unknown-file"),
        ("/media/pictures/notes.txt", "", 404, "unknown-file"),
        ("/media/two/one.png", "", 404, "unknown-file"),
        ("/thumbnail/two/one.png", "", 404, "unknown-file"),
        ("/media/two/one.png", "encode=true", 404, "unknown-file"),
        ("/media_list/gone", "", 503, "source-unavailable"),
        ("/thumbnail/pictures/film.mp4", "", 409, "not-a-picture"),
        ("/thumbnail/pictures/one.png", "width=0", 422, "invalid-parameter"),
        ("/thumbnail/pictures/one.png", "width=99999", 422, "invalid-parameter"),
        ("/media_list/pictures", "limit=0", 422, "invalid-parameter"),
        ("/media_list/pictures", "limit=99999999", 422, "invalid-parameter"),
        ("/media_list/pictures", "offset=-1", 422, "invalid-parameter"),
        ("/media_list/pictures", "sort_flag=perhaps", 422, "invalid-parameter"),
        ("/nothing", "", 404, "not-found"),
        ("/shutdown", "", 404, "not-found"),
    ],
)
def test_errors_have_a_reason(
    app: FastAPI, tmp_path: Path, path: str, query: str, status: int, expected: str
) -> None:
    answer = ask(app, path, query)
    assert (answer.status, code(answer)) == (status, expected)
    assert str(tmp_path) not in answer.text


def test_a_damaged_picture_is_no_picture(app: FastAPI, tmp_path: Path) -> None:
    (tmp_path / "pictures" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    answer = ask(app, "/thumbnail/pictures/bad.png")
    assert (answer.status, code(answer)) == (409, "not-a-picture")
    assert str(tmp_path) not in answer.text


@pytest.mark.parametrize("name", ODD_NAMES)
def test_quoted_names_are_found(app: FastAPI, name: str) -> None:
    for route in ("media", "thumbnail", "media_place"):
        assert ask(app, f"/{route}/odd/{quote(name, safe='')}").status == 200


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/media/pictures/one.png", "DELETE, GET, HEAD"),
        ("/trash/pictures", "DELETE, GET"),
        ("/health", "GET"),
    ],
)
def test_other_methods_are_told_which_there_are(app: FastAPI, path: str, allowed: str) -> None:
    for method in ("PUT", "PATCH", "OPTIONS"):
        answer = ask(app, path, method=method)
        assert (answer.status, code(answer)) == (405, "method-not-allowed")
        assert answer.headers["allow"] == allowed


def test_what_nobody_expected_says_nothing(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(_service: MediaService) -> None:
        raise RuntimeError(f"no such file: {tmp_path}")

    monkeypatch.setattr(MediaService, "sources", fail)
    answer = ask(app, "/media_sources")
    assert (answer.status, code(answer)) == (500, "internal-error")
    assert str(tmp_path) not in answer.text
