"""The links by which the gateway knows whose page it may serve."""

from pathlib import Path

import pytest

from streamlit_controls.manager.pages import Pages


def test_an_instance_s_link_leads_to_the_files_of_its_version(tmp_path: Path) -> None:
    pages, link = Pages(tmp_path / "run"), tmp_path / "run/pages/abc234"
    for version in ("1.66.0", "1.67.0"):
        made = tmp_path / f"assets/streamlit-{version}"
        made.mkdir(parents=True)
        pages.name("abc234", made)
        assert link.resolve() == made
        assert str(link.readlink()) == f"../../assets/streamlit-{version}"
    pages.forget("abc234")
    assert not link.is_symlink()
    pages.forget("abc234")


def test_an_instance_without_a_link_serves_its_own_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    pages = Pages(tmp_path)
    pages.name("abc234", tmp_path / "before")
    monkeypatch.setattr(Path, "symlink_to", full)
    pages.name("abc234", tmp_path / "after")
    assert list((tmp_path / "pages").iterdir()) == []


def test_what_a_killed_manager_left_is_forgotten(tmp_path: Path) -> None:
    for name in ("abc234", "def567"):
        Pages(tmp_path).name(name, tmp_path / "absent")
    pages = Pages(tmp_path)
    pages.keep_only({"def567", "xyz222"})
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["def567"]
