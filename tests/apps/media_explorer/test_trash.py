"""Deleting and restoring: nothing is lost, nothing overwritten, and nothing outside is touched."""

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from folder_descriptor import opened_folder
from folder_source import FolderSource
from link_source import LinkSource
from media_error import (
    LinkBrokenError,
    LinkNotDeletableError,
    MediaError,
    NameTakenError,
    ReadOnlyError,
    TrashUnusableError,
    UnknownFileError,
    UnknownTrashError,
)
from trash import Trash

from tests.apps.media_explorer.conftest import SECRET, VISIBLE

TYPES = frozenset({"png", "jpg", "mp4"})
AN_ID = "0" * 16 + "-" + "0" * 8


@pytest.fixture
def pictures(folder: Path) -> FolderSource:
    return FolderSource("pictures", folder, TYPES, "")


def names(source: FolderSource) -> set[str]:
    return {item.name for item in source.items()}


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


NO_IDS = (
    *("", ".", "..", "../pictures", "../..", "/etc", f"{AN_ID}/..", f"../.trash/{AN_ID}", AN_ID),
    *(f"{AN_ID}\n", f"{AN_ID}\0", AN_ID.replace("0", "\u0660"), "\udcff", "x" * 5000),
)


@pytest.mark.parametrize("trash_id", NO_IDS)
def test_only_an_id_is_an_id(pictures: FolderSource, folder: Path, trash_id: str) -> None:
    pictures.delete("one.png")
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(UnknownTrashError):
        pictures.restore(trash_id)
    assert sorted(folder.parent.rglob("*")) == before


def planted(folder: Path) -> None:
    """What somebody who may write to the folder puts into its trash to have it served or moved."""
    (folder / ".trash").mkdir()
    (folder / ".trash" / AN_ID).symlink_to(folder.parent)
    places = [folder / ".trash" / AN_ID.replace("-0", f"-{digit}") for digit in range(1, 5)]
    for place in places:
        place.mkdir()
    (places[0] / "folder.png").mkdir()
    os.mkfifo(places[1] / "pipe.png")
    (places[2] / "notes.txt").write_bytes(SECRET)
    for name in ("a.png", "b.png"):
        (places[3] / name).touch()


def test_what_was_not_deleted_here_is_neither_told_nor_moved_nor_removed(
    pictures: FolderSource, folder: Path
) -> None:
    planted(folder)
    before = sorted(folder.parent.rglob("*"))
    assert pictures.trash() == pictures.empty_trash() == ()
    for digit in range(5):
        with pytest.raises(UnknownTrashError):
            pictures.restore(AN_ID.replace("-0", f"-{digit}"))
    assert sorted(folder.parent.rglob("*")) == before


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_trash_that_is_none_is_not_used(
    pictures: FolderSource, folder: Path, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    if kind == "link":
        (folder / ".trash").symlink_to(tmp_path / "elsewhere")
    else:
        (folder / ".trash").touch()
    for ask in (lambda: pictures.delete("one.png"), pictures.trash, pictures.empty_trash):
        with pytest.raises(TrashUnusableError) as caught:
            ask()
        assert str(tmp_path) not in caught.value.message + caught.value.hint
    assert (folder / "one.png").is_file()
    assert list((tmp_path / "elsewhere").iterdir()) == []


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


@pytest.mark.parametrize("target", ["../secret.png", "/etc/passwd", "notes.txt", "loop.png"])
def test_a_link_to_what_is_not_shown_is_not_restored(
    pictures: FolderSource, folder: Path, target: str
) -> None:
    place = folder / ".trash" / AN_ID
    place.mkdir(parents=True)
    (place / "planted.png").symlink_to(target)
    with pytest.raises(LinkBrokenError):
        pictures.restore(AN_ID)
    assert "planted.png" not in {path.name for path in folder.iterdir()}


def test_a_source_has_of_a_shared_folder_only_what_its_filter_lets_through(
    pictures: FolderSource, folder: Path
) -> None:
    narrow = FolderSource("two", folder, TYPES, "two")
    hidden, shown = pictures.delete("one.png"), pictures.delete("TWO.JPG")
    assert narrow.trash() == (shown,)
    with pytest.raises(UnknownTrashError):
        narrow.restore(hidden.id)
    assert narrow.empty_trash() == (shown,)
    assert pictures.trash() == (hidden,)


def failing(number: int, step: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A system call that fails with an error that names a path: always, or only before `step`."""
    failed = False

    def fail(path: str, *others: object, **options: object) -> Any:
        nonlocal failed
        if failed and step is not None:
            return step(path, *others, **options)
        failed = True
        raise OSError(number, os.strerror(number), path)

    return fail


@pytest.mark.parametrize("step", ["mkdir", "rename", "link", "unlink"])
@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.EACCES, ReadOnlyError), (errno.EROFS, ReadOnlyError), (errno.EIO, TrashUnusableError)],
)
def test_whatever_step_fails_nothing_is_lost(
    pictures: FolderSource,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    number: int,
    expected: type[MediaError],
) -> None:
    restored, kept = pictures.delete("film.mp4"), (folder / "one.png").read_bytes()
    monkeypatch.setattr(os, step, failing(number, getattr(os, step)))
    deletes = step in ("mkdir", "rename")
    with pytest.raises(expected) as caught:
        pictures.delete("one.png") if deletes else pictures.restore(restored.id)
    monkeypatch.undo()
    assert str(folder) not in caught.value.message + caught.value.hint
    assert (folder / "one.png").read_bytes() == kept
    assert pictures.trash() == (restored,)
    assert "film.mp4" not in names(pictures)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any folder")
def test_a_folder_that_may_only_be_read_stays_as_it_is(
    pictures: FolderSource, folder: Path
) -> None:
    folder.chmod(0o555)
    try:
        with pytest.raises(ReadOnlyError):
            pictures.delete("one.png")
    finally:
        folder.chmod(0o755)
    assert names(pictures) == VISIBLE


def at_once(action: Callable[[], object], of: int = 8) -> list[object]:
    """What each of several threads that start together gets: a result or an error."""
    start = Barrier(of)

    def run(_: int) -> object:
        start.wait(timeout=10)
        try:
            return action()
        except MediaError as error:
            return type(error)

    with ThreadPoolExecutor(of) as threads:
        return list(threads.map(run, range(of)))


@pytest.mark.parametrize("attempt", range(10))
def test_of_those_who_ask_at_once_one_wins(pictures: FolderSource, attempt: int) -> None:
    found = pictures.find("one.png")
    results = at_once(lambda: pictures.delete("one.png"))
    (deleted,) = pictures.trash()
    assert results.count(deleted) == 1
    assert results.count(UnknownFileError) == 7
    results = at_once(lambda: pictures.restore(deleted.id))
    assert results.count(found) == 1
    assert set(results) <= {found, UnknownTrashError, NameTakenError}
    assert pictures.trash() == ()


def test_links_have_no_trash() -> None:
    links = LinkSource("web", ("https://example.org/a.jpg",), "")
    with pytest.raises(LinkNotDeletableError):
        links.delete("a.jpg")
    with pytest.raises(UnknownFileError):
        links.delete("b.jpg")
    with pytest.raises(UnknownTrashError):
        links.restore(AN_ID)
    assert links.trash() == links.empty_trash() == ()
