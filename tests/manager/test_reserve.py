"""What must be written is written, also on a full disk."""

import errno
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls import project
from streamlit_controls.manager import reserve
from streamlit_controls.manager.reserve import Reserve


class FullDisk:
    """Takes no new file; after the reserve is given up, as many as there is room for."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, room: int = 0) -> None:
        self.code, self.room = errno.ENOSPC, room
        self._reserve = folder / reserve.NAME
        self._write = project.write_atomically
        monkeypatch.setattr(reserve, "write_atomically", self)

    def __call__(self, path: Path, text: str, **more: Any) -> None:
        if self._reserve.exists() or not self.room:
            raise OSError(self.code, "no room", str(path))
        self.room -= 1
        self._write(path, text, **more)


@pytest.fixture
def kept(tmp_path: Path) -> Reserve:
    found = Reserve(tmp_path)
    found.renew()
    return found


def test_where_there_is_room_it_is_kept(kept: Reserve, tmp_path: Path) -> None:
    kept.write(tmp_path / "state.json", "{}", mode=0o600)
    assert (tmp_path / "state.json").read_text() == "{}"
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    stat = (tmp_path / reserve.NAME).stat()
    assert stat.st_size == reserve.SIZE
    assert stat.st_blocks * 512 >= reserve.SIZE


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_on_a_full_disk_it_is_given_up(
    kept: Reserve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    disk = FullDisk(tmp_path, monkeypatch, room=2)
    disk.code = code
    kept.write(tmp_path / "one", "1")
    kept.write(tmp_path / "two", "2")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["one", "two"]
    kept.renew()
    assert (tmp_path / reserve.NAME).exists()


def test_without_it_files_are_written_into_their_own_room(
    kept: Reserve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "current"
    file.write_text("abc234")
    inode = file.stat().st_ino
    FullDisk(tmp_path, monkeypatch)
    kept.write(file, "def567")
    assert file.read_text() == "def567"
    kept.write(file, "{}")
    assert file.read_text() == "{}    "  # as good as without the rest, for what is read as JSON
    kept.write(file, "a" * 4000)
    assert file.read_text() == "a" * 4000
    assert file.stat().st_ino == inode


def test_nothing_is_torn_where_nothing_helps(
    kept: Reserve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.json"
    file.write_text("{}")
    FullDisk(tmp_path, monkeypatch)
    for path, text in ((file, "x" * 100_000), (tmp_path / "absent", "x")):
        with pytest.raises(OSError, match="no room"):
            kept.write(path, text)
    assert file.read_text() == "{}"
    assert not (tmp_path / "absent").exists()


def test_other_errors_leave_it_alone(
    kept: Reserve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(tmp_path, monkeypatch, room=9)
    disk.code = errno.EROFS
    with pytest.raises(OSError, match="no room"):
        kept.write(tmp_path / "one", "1")
    assert (tmp_path / reserve.NAME).exists()


def test_where_there_is_no_room_for_it_nothing_is_left_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr("os.posix_fallocate", full)
    Reserve(tmp_path).renew()
    assert list(tmp_path.iterdir()) == []
