"""The digest of what a package consists of."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streamlit_controls.manager import contents as module
from streamlit_controls.manager.contents import contents

Edit = Callable[[Path], object]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "lib"
    (folder / "src/lib/build").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[project]")
    (folder / "src/lib/__init__.py").write_text("ANSWER = 1")
    (folder / "src/lib/build/__init__.py").touch()
    return folder


@pytest.mark.parametrize(
    "edit",
    [
        lambda lib: (lib / "src/lib/__init__.py").write_text("ANSWER = 2"),
        lambda lib: (lib / "src/lib/more.py").touch(),
        lambda lib: (lib / "src/lib/__init__.py").rename(lib / "src/lib/other.py"),
        lambda lib: (lib / "src/lib/build/__init__.py").write_text("a module of that name"),
        lambda lib: os.mkfifo(lib / "pipe"),
        lambda lib: (lib / "loop").symlink_to("loop"),
    ],
)
def test_what_counts(package: Path, edit: Edit) -> None:
    before = contents(package)
    edit(package)
    assert contents(package) != before


@pytest.mark.parametrize(
    "name",
    [
        ".git/index",
        ".hidden",
        ".venv/bin/python",
        "venv/bin/python",
        "src/lib/__pycache__/lib.pyc",
        "src/lib.egg-info/PKG-INFO",
        "build/lib/lib.py",
        "dist/lib-1.0.tar.gz",
    ],
)
def test_what_does_not_count(package: Path, name: str) -> None:
    before = contents(package)
    (package / name).parent.mkdir(parents=True, exist_ok=True)
    (package / name).touch()
    assert contents(package) == before


def test_it_is_the_same_wherever_it_lies_and_whenever_it_was_written(package: Path) -> None:
    before = contents(package)
    os.utime(package / "pyproject.toml", (0, 0))
    assert contents(package.rename(package.parent / "moved")) == before


def test_an_archive_is_its_bytes(tmp_path: Path) -> None:
    archive = tmp_path / "lib.whl"
    archive.write_text("one")
    before = contents(archive)
    archive.write_text("two")
    assert contents(archive) not in (before, None)


@pytest.mark.parametrize("name", ["nothing", "pipe"])
def test_what_is_no_package(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert contents(tmp_path / name) is None


def test_what_is_too_much_to_read_counts_by_its_date(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    large = package / "weights.bin"
    large.write_bytes(b"0" * 101)
    before = contents(package)
    large.write_bytes(b"1" * 101)
    os.utime(large, (0, 0))
    assert contents(package) != before


def test_a_package_may_have_any_number_of_files(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 2)
    before = contents(package)
    (package / "src/lib/zebra.py").touch()
    assert contents(package) == before
