"""Changes through each of the galleries: they do the same, and nothing is ever lost."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from explorer.gallery import Gallery, GalleryError, Listing
from explorer.remote_gallery import RemoteGallery

from tests.apps.media_explorer.conftest import make_picture
from tests.apps.media_explorer.server_process import RunningServer, running_server
from tests.apps.media_explorer.test_galleries import make_gallery

SOURCES = """
[MEDIA_SOURCES.album]
media_folder = "../album"
[MEDIA_SOURCES.web]
media_links = ["https://example.org/a.jpg"]
"""
TYPES = 'MEDIA_TYPES = ["png"]\n'


@pytest.fixture(scope="module")
def album_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    root = tmp_path_factory.mktemp("album")
    (root / "album").mkdir()
    with running_server(root, TYPES + SOURCES) as running:
        yield running


@pytest.fixture
def album(album_server: RunningServer) -> Iterator[Path]:
    """The folder, with three pictures in it, and nothing in its trash."""
    folder = album_server.root / "album"
    for name in ("a.png", "b c#d.png", "e.png"):
        make_picture(folder / name)
    yield folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.fixture(params=["remote", "embedded", "service"])
def gallery(
    request: pytest.FixtureRequest,
    album: Path,
    album_server: RunningServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Gallery]:
    monkeypatch.setenv("CACHE_DIR", str(album_server.root / "cache"))
    monkeypatch.setenv("DATA_DIR", str(album_server.root / "data"))
    with make_gallery(request.param, album_server) as gallery:
        yield gallery


def names(gallery: Gallery, **listing: bool) -> list[str]:
    page = gallery.page("album", Listing("", False, True, **listing), 0, 9)
    return [item.name for item in page.items]


def test_favourites(gallery: Gallery) -> None:
    gallery.favourite("album", "b c#d.png")
    assert names(gallery, favourites_flag=True) == ["b c#d.png"]
    assert gallery.place("album", "b c#d.png", Listing()).item.favourite
    assert not gallery.place("album", "a.png", Listing()).item.favourite
    gallery.unfavourite("album", "b c#d.png")
    assert names(gallery, favourites_flag=True) == []
    gallery.favourite("web", "a.jpg")
    gallery.unfavourite("web", "a.jpg")


def test_what_is_deleted_comes_back_as_it_was(gallery: Gallery, album: Path) -> None:
    before = (album / "b c#d.png").read_bytes()
    gallery.favourite("album", "b c#d.png")
    deleted = gallery.delete("album", "b c#d.png")
    assert names(gallery) == ["a.png", "e.png"]
    assert gallery.trash("album") == (deleted,)
    assert (deleted.name, deleted.size) == ("b c#d.png", len(before))
    assert gallery.restore("album", deleted.id) == "b c#d.png"
    assert names(gallery) == ["a.png", "b c#d.png", "e.png"]
    assert (album / "b c#d.png").read_bytes() == before
    assert names(gallery, favourites_flag=True) == ["b c#d.png"]
    gallery.unfavourite("album", "b c#d.png")
    assert gallery.trash("album") == ()


def test_a_name_that_was_taken_meanwhile_loses_neither_file(gallery: Gallery, album: Path) -> None:
    deleted = gallery.delete("album", "a.png")
    (album / "a.png").write_bytes(b"another")
    with pytest.raises(GalleryError, match="again"):
        gallery.restore("album", deleted.id)
    assert (album / "a.png").read_bytes() == b"another"
    assert gallery.trash("album") == (deleted,)


def test_the_trash_can_be_emptied(gallery: Gallery) -> None:
    gallery.delete("album", "a.png")
    gallery.delete("album", "e.png")
    assert [item.name for item in gallery.trash("album")] == ["e.png", "a.png"]
    assert gallery.empty_trash("album") == 2
    assert gallery.empty_trash("album") == 0
    assert names(gallery) == ["b c#d.png"]


@pytest.mark.parametrize("name", ["nothing.png", "../server", ".", "notes.txt"])
def test_only_what_is_shown_can_be_changed(gallery: Gallery, name: str) -> None:
    for change in (gallery.delete, gallery.favourite, gallery.unfavourite):
        with pytest.raises(GalleryError):
            change("album", name)
    with pytest.raises(GalleryError):
        gallery.restore("album", "../../etc")


def test_links_cannot_be_deleted(gallery: Gallery) -> None:
    with pytest.raises(GalleryError, match="link"):
        gallery.delete("web", "a.jpg")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every folder")
def test_a_folder_that_is_read_only_stays_as_it_is(gallery: Gallery, album: Path) -> None:
    album.chmod(0o500)
    try:
        with pytest.raises(GalleryError, match="may not change"):
            gallery.delete("album", "a.png")
        assert names(gallery) == ["a.png", "b c#d.png", "e.png"]
    finally:
        album.chmod(0o700)


def test_recycling_takes_over_an_edited_configuration_that_is_good(
    gallery: Gallery, album_server: RunningServer
) -> None:
    config = album_server.root / "media_server" / "media_service.toml"
    try:
        config.write_text(TYPES + SOURCES.replace("album]", "renamed]"), encoding="utf-8")
        assert [source.name for source in gallery.sources()] == ["album", "web"]
        gallery.recycle()
        assert [source.name for source in gallery.sources()] == ["renamed", "web"]
        config.write_text("MEDIA_TYPES = 3\n", encoding="utf-8")
        with pytest.raises(GalleryError, match="MEDIA_TYPES"):
            gallery.recycle()
        assert [source.name for source in gallery.sources()] == ["renamed", "web"]
    finally:
        config.write_text(TYPES + SOURCES, encoding="utf-8")
        gallery.recycle()
    assert [source.name for source in gallery.sources()] == ["album", "web"]


def test_without_the_token_a_server_changes_nothing(album_server: RunningServer) -> None:
    make_picture(album_server.root / "album" / "kept.png")
    with RemoteGallery(album_server.url, "", token=lambda: "another") as gallery:
        for change in (
            gallery.recycle,
            lambda: gallery.delete("album", "kept.png"),
            lambda: gallery.trash("album"),
            lambda: gallery.empty_trash("album"),
        ):
            with pytest.raises(GalleryError, match="token") as caught:
                change()
            assert "secrets.toml" in caught.value.hint
    assert (album_server.root / "album" / "kept.png").exists()
