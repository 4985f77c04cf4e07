"""The links by which the gateway knows whose page it may serve."""

from pathlib import Path

from streamlit_controls.manager.pages import Pages


def test_an_instance_s_link_leads_to_the_files_of_its_version(tmp_path: Path) -> None:
    pages, link = Pages(tmp_path / "run"), tmp_path / "run/pages/abc234"
    for version in ("1.66.0", "1.67.0"):
        made = tmp_path / f"assets/streamlit-{version}"
        made.mkdir(parents=True)
        pages.name("abc234", made)
        assert link.resolve() == made
    pages.forget("abc234")
    assert not link.is_symlink()
    pages.forget("abc234")


def test_what_a_killed_manager_left_is_forgotten(tmp_path: Path) -> None:
    for name in ("abc234", "def567"):
        Pages(tmp_path).name(name, tmp_path / "absent")
    pages = Pages(tmp_path)
    pages.keep_only({"def567", "xyz222"})
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["def567"]
