"""What the gateway finds by the names of files, with real ones."""

import errno
from pathlib import Path

import pytest

from streamlit_controls.manager.reserve import NAME, Reserve
from streamlit_controls.manager.signposts import Signposts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "current"


@pytest.fixture
def signposts(folder: Path) -> Signposts:
    return Signposts(folder, Reserve(folder.parent))


def found(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_what_is_wanted_and_nothing_else(signposts: Signposts, folder: Path) -> None:
    for wanted in (
        {"hello": "abc234", "Other_2-x": "def567"},
        {"hello": "xyz789", "Other_2-x": "def567"},
        {"hello": "xyz789", "other/api": "8502", "other/more": "8503"},
        {"other/more": "8503"},
        {"other/more": "8503"},
        {},
    ):
        assert list(signposts.say(wanted)) == []
        assert found(folder) == sorted(f"{place}/{what}" for place, what in wanted.items())
    assert [each.name for each in folder.iterdir()] == ["other"], "but an empty folder"


def test_another_thing_takes_the_place_of_the_one_before(
    signposts: Signposts, folder: Path
) -> None:
    """A reader finds either, at any time: it is the same file, with another name."""
    assert list(signposts.say({"hello": "abc234"})) == []
    inode = (folder / "hello/abc234").stat().st_ino
    assert list(signposts.say({"hello": "def567"})) == []
    assert (folder / "hello/def567").stat().st_ino == inode


def test_what_somebody_took_away_is_put_there_again(signposts: Signposts, folder: Path) -> None:
    assert list(signposts.say({"hello": "abc234"})) == []
    (folder / "hello/abc234").unlink()
    (folder / "hello").rmdir()
    assert list(signposts.say({"hello": "def567"})) == []
    assert found(folder) == ["hello/def567"]


def test_what_an_earlier_manager_left_is_put_right(signposts: Signposts, folder: Path) -> None:
    for left in ("hello/abc234", "hello/def567", "gone/abc234", "stray"):
        (folder / left).parent.mkdir(parents=True, exist_ok=True)
        (folder / left).touch()
    assert list(signposts.say({"hello": "def567", "stray": "abc234"})) == []
    assert found(folder) == ["hello/def567", "stray/abc234"]


def test_what_fails_is_told_and_tried_again(
    signposts: Signposts, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patch:

        def full(path: Path, *_: object) -> None:
            raise OSError(errno.ENOSPC, "no room", str(path))

        patch.setattr(Path, "touch", full)
        (error,) = signposts.say({"hello": "abc234"})
        assert error.errno == errno.ENOSPC
        assert found(folder) == []
    assert list(signposts.say({"hello": "abc234"})) == []
    assert found(folder) == ["hello/abc234"]


def test_on_a_full_disk_the_reserve_is_given_up(
    signposts: Signposts, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Reserve(folder.parent).renew()
    touch = Path.touch

    def full(path: Path, *_: object) -> None:
        if (folder.parent / NAME).exists():
            raise OSError(errno.ENOSPC, "no room", str(path))
        touch(path)

    monkeypatch.setattr(Path, "touch", full)
    assert list(signposts.say({"hello": "abc234"})) == []
    assert found(folder) == ["hello/abc234"]
    # What has a file already needs no room for another name.
    Reserve(folder.parent).renew()
    assert list(signposts.say({"hello": "def567"})) == []
    assert (folder.parent / NAME).exists()
