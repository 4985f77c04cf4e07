"""Where things lie, and how a file is replaced."""

import os
from pathlib import Path

import pytest

from streamlit_controls.project import Project, write_atomically


def test_places(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert project.config_file == tmp_path / "config.json"
    assert project.token_file == tmp_path / ".state/run/token"
    assert project.address_file == tmp_path / ".state/run/address"
    assert not project.gateway_socket.is_absolute()
    assert project.gateway_socket.resolve() == tmp_path / ".state/run/gateway.sock"


def test_a_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", "ü\n")
    write_atomically(tmp_path / "b", "x", mode=0o600)
    assert (tmp_path / "a").read_text(encoding="utf-8") == "ü\n"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_an_old_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", "new", mode=0o600)
    assert (tmp_path / "link").is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("new", 0o640)


def test_a_failed_write_leaves_the_old_one_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / "a", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"
