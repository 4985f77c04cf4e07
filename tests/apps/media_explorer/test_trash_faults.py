"""The trash where something is wrong: planted things, failing disks, requests at once."""

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from folder_source import FolderSource
from media_error import (
    LinkBrokenError,
    MediaError,
    NameTakenError,
    ReadOnlyError,
    TrashUnusableError,
    UnknownFileError,
    UnknownTrashError,
)

from tests.apps.media_explorer.conftest import SECRET, VISIBLE
from tests.apps.media_explorer.subjects import AN_ID, failing, folder_source, names


@pytest.fixture
def pictures(folder: Path) -> FolderSource:
    return folder_source(folder)


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
