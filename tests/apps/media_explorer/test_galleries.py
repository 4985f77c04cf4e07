"""The three galleries: the same answers from a server, one in this process, and the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from explorer.embedded_gallery import EmbeddedGallery
from explorer.embedded_server import EmbeddedServer
from explorer.gallery import Gallery, GalleryError, Listing
from explorer.remote_gallery import RemoteGallery
from explorer.server_token import local_token
from explorer.service_gallery import ServiceGallery

from tests.apps.media_explorer.conftest import ODD_NAMES, VISIBLE, RunningServer

BY_NAME = Listing(sort_by_date_flag=False, ascending=True)
PATH = "/app/media-explorer/api"


@pytest.fixture(params=["remote", "embedded", "service"])
def gallery(
    request: pytest.FixtureRequest, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Gallery]:
    # A proxy that the environment names must not come between the page and its own machine.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("CACHE_DIR", str(server.root / "cache"))
    monkeypatch.setenv("DATA_DIR", str(server.root / "data"))
    with make_gallery(request.param, server) as gallery:
        yield gallery


@contextmanager
def make_gallery(kind: str, server: RunningServer) -> Iterator[Gallery]:
    """A gallery of a kind, for the same folders; its pictures have addresses below PATH."""
    if kind == "service":
        yield ServiceGallery(server.root / "media_server")
    elif kind == "remote":
        with RemoteGallery(server.url, PATH, token=local_token) as remote:
            yield remote
    else:
        embedded = EmbeddedServer("127.0.0.1", 0, server.root / "media_server")
        try:
            with EmbeddedGallery(embedded) as gallery:
                yield gallery.seen_from(PATH)
        finally:
            embedded.stop()


def test_sources(gallery: Gallery) -> None:
    sources = gallery.sources()
    assert [(each.name, each.count, each.has_files) for each in sources] == [
        ("pictures", 4, True),
        ("odd", len(ODD_NAMES), True),
        ("missing", 0, True),
        ("web", 2, False),
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
        ServiceGallery(tmp_path)
