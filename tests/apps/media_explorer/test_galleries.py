"""The two galleries: the same answers, from a server over HTTP and from the service itself."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from explorer.gallery import Gallery, GalleryError, Listing
from explorer.remote_gallery import RemoteGallery
from explorer.service_gallery import ServiceGallery

from tests.apps.media_explorer.conftest import ODD_NAMES, VISIBLE, RunningServer

BY_NAME = Listing(sort_by_date_flag=False, ascending=True)
PATH = "/app/media-explorer/api"


@pytest.fixture(params=["remote", "service"])
def gallery(
    request: pytest.FixtureRequest, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Gallery]:
    # A proxy that the environment names must not come between the page and its own machine.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("CACHE_DIR", str(server.root / "cache"))
    if request.param == "service":
        yield ServiceGallery.load(server.root / "media_server")
        return
    with RemoteGallery(server.url, PATH) as remote:
        yield remote


def test_sources(gallery: Gallery) -> None:
    sources = gallery.sources()
    assert [(each.name, each.count) for each in sources] == [
        ("pictures", 4),
        ("odd", len(ODD_NAMES)),
        ("missing", 0),
        ("web", 2),
    ]
    assert [bool(each.problem) for each in sources] == [False, False, True, False]


def test_pages(gallery: Gallery) -> None:
    page = gallery.page("pictures", BY_NAME, 1, 2)
    assert ([item.name for item in page.items], page.total) == (["one.png", "same.png"], 4)
    assert {item.name for item in gallery.page("pictures", Listing(), 0, 9).items} == VISIBLE
    assert gallery.page("pictures", Listing("ON"), 0, 9).total == 1
    film = gallery.page("pictures", BY_NAME, 0, 1).items[0]
    assert (film.name, film.medium, film.size, film.url) == ("film.mp4", "video", 10240, None)
    assert film.modified
    assert film.modified.tzinfo


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_have_a_place_and_pictures(
    gallery: Gallery, server: RunningServer, name: str
) -> None:
    place = gallery.place("odd", name, BY_NAME)
    assert (place.item.name, place.total) == (name, len(ODD_NAMES))
    for link in (gallery.thumbnail("odd", place.item, 64), gallery.full("odd", place.item)):
        assert link
        if link.startswith("data:"):
            continue
        assert link.startswith(f"{PATH}/")
        answer = httpx.get(server.url + link.removeprefix(PATH), timeout=30, trust_env=False)
        assert answer.is_success
        assert "immutable" in answer.headers["cache-control"]


def test_links_go_to_the_browser_as_they_are(gallery: Gallery) -> None:
    items = gallery.page("web", BY_NAME, 0, 9).items
    assert [gallery.thumbnail("web", item, 64) for item in items] == [
        "https://example.org/a",
        "https://example.org/b.jpg",
    ]
    assert [item.medium for item in items] == ["image", "image"]


def test_a_film_has_no_thumbnail(gallery: Gallery) -> None:
    film = gallery.place("pictures", "film.mp4", BY_NAME).item
    assert gallery.thumbnail("pictures", film, 64) is None
    assert gallery.full("pictures", film)


@pytest.mark.parametrize(
    "name", ["nothing.png", "../secret.png", "..", ".", "", "a/b", "notes.txt"]
)
def test_what_is_gone_is_said(gallery: Gallery, name: str) -> None:
    with pytest.raises(GalleryError) as caught:
        gallery.place("pictures", name, BY_NAME)
    assert caught.value.gone
    with pytest.raises(GalleryError) as caught:
        gallery.page("nothing", BY_NAME, 0, 1)
    assert caught.value.gone


def test_a_source_without_its_folder_is_said(gallery: Gallery, server: RunningServer) -> None:
    with pytest.raises(GalleryError) as caught:
        gallery.page("missing", BY_NAME, 0, 1)
    assert not caught.value.gone
    assert str(server.root) not in caught.value.message + caught.value.hint


def test_a_bad_configuration_is_said(tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="media_service"):
        ServiceGallery.load(tmp_path)


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def wait(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow", request=request)


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (refuse, "cannot be reached"),
        (wait, "in time"),
        (lambda _: httpx.Response(200, text="<html>"), "not a media server"),
        (lambda _: httpx.Response(200, json=[]), "not a media server"),
        (lambda _: httpx.Response(200, json={"sources": [{}]}), "not a media server"),
        (lambda _: httpx.Response(502, text="Bad gateway"), "not a media server"),
        (lambda _: httpx.Response(500, json={"error": {"message": "m", "hint": "h"}}), "m"),
    ],
)
def test_a_server_that_fails_is_one_clear_message(
    handler: Callable[[httpx.Request], httpx.Response], said: str
) -> None:
    with (
        RemoteGallery(
            "http://127.0.0.1:1", PATH, transport=httpx.MockTransport(handler)
        ) as gallery,
        pytest.raises(GalleryError, match=said),
    ):
        gallery.sources()


def test_names_are_quoted_in_calls() -> None:
    asked: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(404, json={"error": {"message": "m", "hint": ""}})

    with RemoteGallery("http://127.0.0.1:1", PATH, transport=httpx.MockTransport(note)) as gallery:
        for name in ODD_NAMES:
            with pytest.raises(GalleryError):
                gallery.place("a/b", name, BY_NAME)
    expected = [f"/media_place/a%2Fb/{quote(name, safe='')}" for name in ODD_NAMES]
    assert [path.partition("?")[0] for path in asked] == expected


def test_there_is_always_a_timeout() -> None:
    with RemoteGallery("http://127.0.0.1:1", PATH) as gallery:
        timeouts = gallery._client.timeout.as_dict()
    assert all(seconds and seconds <= 30 for seconds in timeouts.values())
