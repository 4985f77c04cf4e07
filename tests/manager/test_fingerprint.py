"""Which changes in an app's folder count as edits."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from streamlit_controls.core.unit import EnvironmentSpec, Kind, Unit
from streamlit_controls.manager import fingerprint


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    folder = tmp_path / "app"
    (folder / "pages").mkdir(parents=True)
    (folder / "app.py").write_text("1")
    (folder / "pages/more.py").write_text("1")
    for skipped in ("__pycache__", ".git", "node_modules", "venv/lib/python3.11/site-packages"):
        (folder / skipped).mkdir(parents=True)
    spec = EnvironmentSpec(folder)
    return Unit("x", Kind.STREAMLIT, folder, 1, "x.log", app="x", environment=spec)


def swap(folder: Path) -> None:
    """Put an older file, of the same size and time, in the place of one."""
    kept = (folder / "app.py").stat()
    (folder / "other").write_text("2")
    os.utime(folder / "other", ns=(kept.st_atime_ns, kept.st_mtime_ns))
    (folder / "other").rename(folder / "app.py")


EDITS: dict[str, Callable[[Path], object]] = {
    "a text": lambda folder: (folder / "app.py").write_text("22"),
    "a page": lambda folder: (folder / "pages/more.py").write_text("22"),
    "a new file": lambda folder: (folder / "requirements.txt").write_text(""),
    "a new folder": lambda folder: (folder / "data").mkdir(),
    "a file less": lambda folder: (folder / "pages/more.py").unlink(),
    "another name": lambda folder: (folder / "app.py").rename(folder / "main.py"),
    "an older file": swap,
    "its rights": lambda folder: (folder / "app.py").chmod(0o600),
    "a package": lambda folder: (folder / "venv/lib/python3.11/site-packages/x.py").write_text(""),
    "its environment": lambda folder: (folder / "venv").rename(folder / ".venv"),
    "its folder": lambda folder: folder.rename(folder.parent / "elsewhere"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_edits(unit: Unit, edit: Callable[[Path], object]) -> None:
    before = fingerprint.of_unit(unit)
    assert fingerprint.of_unit(unit) == before
    edit(unit.dir)
    assert fingerprint.of_unit(unit) != before


@pytest.mark.parametrize("name", ["__pycache__/app.pyc", ".git/index", "node_modules/x", "venv/x"])
def test_what_nobody_writes_by_hand(unit: Unit, name: str) -> None:
    before = fingerprint.of_unit(unit)
    (unit.dir / name).write_text("1")
    assert fingerprint.of_unit(unit) == before


@pytest.mark.parametrize("name", ["missing", "x" * 5000, "app/app.py"])
def test_folders_that_are_none(unit: Unit, name: str) -> None:
    folder = unit.dir.parent / name
    odd = replace(unit, dir=folder, environment=EnvironmentSpec(folder, venv=folder))
    assert fingerprint.of_unit(odd) == fingerprint.of_unit(odd)


def test_folders_that_others_write_to(unit: Unit) -> None:
    (unit.dir / "logs").mkdir()
    before = fingerprint.of_unit(unit, [unit.dir / "logs"])
    (unit.dir / "logs/x.log").write_text("1")
    assert fingerprint.of_unit(unit, [unit.dir / "logs"]) == before
    assert fingerprint.of_unit(unit) != before


def test_links_that_lead_nowhere_or_round_in_circles(unit: Unit) -> None:
    (unit.dir / "round").symlink_to(unit.dir)
    (unit.dir / "nowhere").symlink_to("nothing")
    before = fingerprint.of_unit(unit)
    (unit.dir / "nothing").write_text("")
    assert fingerprint.of_unit(unit) != before


def test_a_link_that_leads_nowhere_is_not_nothing(tmp_path: Path) -> None:
    before = fingerprint.of_files([tmp_path / "x"])
    (tmp_path / "x").symlink_to("nowhere")
    assert fingerprint.of_files([tmp_path / "x"]) != before


def test_links_are_not_followed(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    (unit.dir / "round").symlink_to(unit.dir)
    (unit.dir / "pages/all").symlink_to("/")
    looked: list[str] = []
    monkeypatch.setattr(fingerprint, "_look", lambda path: looked.append(str(path)))
    fingerprint.of_unit(unit)
    assert not [path for path in looked if "/round/" in path or "/all/" in path]


def test_it_is_bounded(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    real = fingerprint._look

    def look(path: Path) -> object:
        looked.append(path)
        return real(path)

    monkeypatch.setattr(fingerprint, "MOST", 50)
    monkeypatch.setattr(fingerprint, "_look", look)
    for number in range(200):
        (unit.dir / f"{number}.csv").write_text("")
    before = fingerprint.of_unit(unit)
    assert len([path for path in looked if path.suffix == ".csv"]) <= 50
    (unit.dir / "app.py").write_text("22")
    assert fingerprint.of_unit(unit) != before, "the script is always looked at"
