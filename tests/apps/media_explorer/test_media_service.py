"""The media service: sources, pages, places, data: URLs and cached thumbnails."""

import base64
import os
from pathlib import Path
from typing import BinaryIO

import media_service
import pytest
import thumbnailer
from hypothesis import given, settings
from hypothesis import strategies as st
from media_error import (
    FileTooLargeError,
    LinkNotFetchedError,
    NotAPictureError,
    UnknownSourceError,
)
from media_listing import MediaQuery
from media_service import MediaService
from thumbnail import draw_thumbnail

from tests.apps.media_explorer.conftest import ODD_NAMES, make_picture
from tests.apps.media_explorer.subjects import furnish_all, make_service

BY_NAME = MediaQuery(sort_by_date_flag=False, ascending=True)


@pytest.fixture
def service(tmp_path: Path) -> MediaService:
    furnish_all(tmp_path)
    return make_service(tmp_path)


def test_sources_tell_names_kinds_and_counts_but_no_folders(
    service: MediaService, tmp_path: Path
) -> None:
    sources = service.sources()
    assert [(each.name, each.kind, each.count) for each in sources] == [
        ("pictures", "folder", 4),
        ("odd", "folder", len(ODD_NAMES)),
        ("two", "folder", 1),
        ("gone", "folder", 0),
        ("web", "links", 2),
    ]
    assert [bool(each.problem) for each in sources] == [False, False, False, True, False]
    assert str(tmp_path) not in repr(sources)


@pytest.mark.parametrize("name", ["nothing", "", "..", "pictures/", "PICTURES"])
def test_an_unknown_source_is_said(service: MediaService, name: str) -> None:
    with pytest.raises(UnknownSourceError) as caught:
        service.list_media(name)
    assert "pictures" in caught.value.hint


@given(size=st.integers(1, 9))
@settings(deadline=None)
def test_the_pages_are_the_listing(tmp_path_factory: pytest.TempPathFactory, size: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "paged" / "pictures"
    if not folder.exists():
        folder.mkdir(parents=True)
        for index in range(20):
            (folder / f"{index}.png").touch()
    service = make_service(folder.parent)
    whole = service.list_media("pictures", BY_NAME)
    pages = [
        service.list_media("pictures", BY_NAME, offset=offset, limit=size)
        for offset in range(0, whole.total, size)
    ]
    assert tuple(item for page in pages for item in page.items) == whole.items
    assert {page.total for page in pages} == {20}
    assert service.list_media("pictures", offset=20, limit=size).items == ()


def test_a_place_knows_its_neighbours(service: MediaService) -> None:
    names = [item.name for item in service.list_media("pictures", BY_NAME).items]
    walked, name = [], names[0]
    while True:
        place = service.place("pictures", name, BY_NAME)
        walked.append(place.item.name)
        assert (place.position, place.total) == (len(walked) - 1, len(names))
        if place.next is None:
            break
        assert service.place("pictures", place.next, BY_NAME).previous == name
        name = place.next
    assert walked == names


def test_a_place_outside_the_listing_stands_alone(service: MediaService) -> None:
    place = service.place("pictures", "one.png", MediaQuery(filter_string="two"))
    assert (place.position, place.total, place.previous, place.next) == (0, 1, None, None)


def test_a_data_url_has_the_true_type(service: MediaService, tmp_path: Path) -> None:
    head, _, content = service.data_url("pictures", "TWO.JPG").partition(",")
    assert head == "data:image/jpeg;base64"
    assert base64.b64decode(content) == (tmp_path / "pictures" / "TWO.JPG").read_bytes()


def test_a_data_url_has_a_bound(service: MediaService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_service, "MAX_ENCODED_BYTES", 100)
    with pytest.raises(FileTooLargeError):
        service.data_url("pictures", "film.mp4")


def test_links_are_never_fetched(service: MediaService) -> None:
    with pytest.raises(LinkNotFetchedError):
        service.data_url("web", "a.jpg")
    with pytest.raises(LinkNotFetchedError):
        service.thumbnail("web", "a.jpg", 64)


def test_a_thumbnail_is_drawn_once_for_each_version_and_step(
    service: MediaService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "pictures" / "one.png"
    drawn: list[int] = []

    def draw(stream: BinaryIO, width: int) -> bytes:
        drawn.append(width)
        return draw_thumbnail(stream, width)

    monkeypatch.setattr(thumbnailer, "draw_thumbnail", draw)
    for width in (60, 64, 65, 128, 100_000, -5):
        service.thumbnail("pictures", "one.png", width)
    assert drawn == [64, 128, 3200]
    make_picture(picture, (50, 50))
    os.utime(picture, (1, 1))
    made = service.thumbnail("pictures", "one.png", 64)
    assert drawn == [64, 128, 3200, 64]
    assert made.item.size == picture.stat().st_size
    assert len(list((tmp_path / "cache").iterdir())) == 4


def test_no_thumbnail_is_made_of_other_media(service: MediaService) -> None:
    with pytest.raises(NotAPictureError):
        service.thumbnail("pictures", "film.mp4", 64)


def test_nothing_is_written_beside_the_media(service: MediaService, tmp_path: Path) -> None:
    before = sorted((tmp_path / "pictures").rglob("*"))
    service.thumbnail("pictures", "one.png", 64)
    assert sorted((tmp_path / "pictures").rglob("*")) == before
