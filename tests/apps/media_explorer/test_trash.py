"""Deleting and restoring: nothing is lost, nothing overwritten, and nothing outside is touched."""

import errno
import os
from pathlib import Path

import pytest
from folder_descriptor import opened_folder
from folder_source import FolderSource
from link_source import LinkSource
from media_error import (
    LinkBrokenError,
    LinkNotDeletableError,
    NameTakenError,
    UnknownFileError,
    UnknownTrashError,
)
from trash import Trash

from tests.apps.media_explorer.conftest import VISIBLE
from tests.apps.media_explorer.subjects import AN_ID, failing, folder_source, names


@pytest.fixture
def pictures(folder: Path) -> FolderSource:
    return folder_source(folder)


def test_what_is_deleted_comes_back_as_it_was(pictures: FolderSource, folder: Path) -> None:
    before, content = pictures.find("one.png"), (folder / "one.png").read_bytes()
    deleted = pictures.delete("one.png")
    assert names(pictures) == VISIBLE - {"one.png", "same.png"}  # that one is a link to it
    with pytest.raises(UnknownFileError):
        pictures.open("one.png")
    assert pictures.trash() == (deleted,)
    assert (deleted.name, deleted.content_type) == ("one.png", "image/png")
    assert deleted.size == len(content)
    assert pictures.restore(deleted.id) == before
    assert (folder / "one.png").read_bytes() == content
    assert names(pictures) == VISIBLE
    assert pictures.trash() == ()
    assert list((folder / ".trash").iterdir()) == []


def test_the_latest_is_first_and_knows_when(folder: Path) -> None:
    moments = iter([10**18, 10**18 + 7 * 10**9])
    trash = Trash("pictures", lambda _: True, clock=lambda: next(moments))
    with opened_folder(folder) as root:
        trash.put(root, "one.png")
        trash.put(root, "film.mp4")
        later, earlier = trash.items(root)
    assert (later.name, earlier.name) == ("film.mp4", "one.png")
    assert (later.deleted - earlier.deleted).total_seconds() == 7


def test_emptying_is_counted_and_final(pictures: FolderSource, folder: Path) -> None:
    deleted = [pictures.delete(name) for name in ("film.mp4", "TWO.JPG")]
    assert pictures.empty_trash() == tuple(reversed(deleted))
    assert pictures.empty_trash() == pictures.trash() == ()
    assert list((folder / ".trash").iterdir()) == []
    with pytest.raises(UnknownTrashError):
        pictures.restore(deleted[0].id)


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_nothing_is_overwritten(
    pictures: FolderSource, folder: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", failing(errno.EPERM))
    deleted = pictures.delete("one.png")
    (folder / "one.png").write_bytes(b"another")
    with pytest.raises(NameTakenError):
        pictures.restore(deleted.id)
    assert (folder / "one.png").read_bytes() == b"another"
    assert pictures.trash() == (deleted,)
    (folder / "one.png").unlink()
    assert pictures.restore(deleted.id).size == deleted.size
    assert pictures.trash() == ()


def test_what_was_deleted_is_not_shown_by_a_link_to_it(
    pictures: FolderSource, folder: Path
) -> None:
    deleted = pictures.delete("one.png")
    (folder / "back.png").symlink_to(f".trash/{deleted.id}/one.png")
    assert "back.png" not in names(pictures)
    with pytest.raises(UnknownFileError):
        pictures.open("back.png")


def test_of_a_link_the_link_itself_is_deleted(pictures: FolderSource, folder: Path) -> None:
    link = pictures.delete("same.png")
    assert names(pictures) == VISIBLE - {"same.png"}
    target = pictures.delete("one.png")
    with pytest.raises(LinkBrokenError):
        pictures.restore(link.id)
    assert {item.name for item in pictures.trash()} == {"one.png", "same.png"}
    pictures.restore(target.id)
    pictures.restore(link.id)
    assert (folder / "same.png").readlink() == Path("one.png")
    assert names(pictures) == VISIBLE


def test_a_source_has_of_a_shared_folder_only_what_its_filter_lets_through(
    pictures: FolderSource, folder: Path
) -> None:
    narrow = folder_source(folder, "two")
    hidden, shown = pictures.delete("one.png"), pictures.delete("TWO.JPG")
    assert narrow.trash() == (shown,)
    with pytest.raises(UnknownTrashError):
        narrow.restore(hidden.id)
    assert narrow.empty_trash() == (shown,)
    assert pictures.trash() == (hidden,)


def test_links_have_no_trash() -> None:
    links = LinkSource("web", ("https://example.org/a.jpg",), "")
    with pytest.raises(LinkNotDeletableError):
        links.delete("a.jpg")
    with pytest.raises(UnknownFileError):
        links.delete("b.jpg")
    with pytest.raises(UnknownTrashError):
        links.restore(AN_ID)
    assert links.trash() == links.empty_trash() == ()
