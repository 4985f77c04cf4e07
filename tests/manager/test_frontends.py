"""The front-end files in an environment, as its Streamlit's package lists them."""

import sys
from pathlib import Path

import pytest
import streamlit

from streamlit_controls.core.frontend import Unfit
from streamlit_controls.manager.frontends import frontend
from tests.support.streamlit_packages import FILES, make_streamlit

PACKAGES = "lib/python3.11/site-packages"


def test_the_files_that_came_with_a_streamlit(tmp_path: Path) -> None:
    found = frontend(make_streamlit(tmp_path))
    assert found is not None
    assert found.version == "1.67.0"
    assert set(found.hashes) == set(FILES)
    assert {name: found.read(name) for name in FILES} == FILES


def test_those_of_the_environment_of_these_tests() -> None:
    found = frontend(Path(sys.prefix) / "bin/python")
    assert found is not None
    assert found.version == streamlit.__version__
    assert found.folder == Path(streamlit.__file__).parent / "static"
    assert any(name.endswith(".woff2") for name in found.hashes)


def test_a_link_to_an_environment_is_followed(tmp_path: Path) -> None:
    python = make_streamlit(tmp_path / "venv")
    (tmp_path / "linked").symlink_to(tmp_path / "venv")
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    assert frontend(tmp_path / "linked/bin/python") is not None


def test_the_same_files_are_known_by_their_digest(tmp_path: Path) -> None:
    pythons = [make_streamlit(tmp_path / name) for name in "ab"]
    pythons.append(make_streamlit(tmp_path / "c", {**FILES, "static/js/tiny.js": b"2"}))
    same, like, other = map(frontend, pythons)
    assert same is not None
    assert like is not None
    assert other is not None
    assert same.digest == like.digest != other.digest


@pytest.mark.parametrize(
    ("name", "data"),
    [("index.html", FILES["index.html"].replace(b"UTF-8", b"UTF-9")), ("favicon.png", b"longer")],
)
def test_one_that_somebody_changed_is_none(tmp_path: Path, name: str, data: bytes) -> None:
    python = make_streamlit(tmp_path)
    (tmp_path / PACKAGES / "streamlit/static" / name).write_bytes(data)
    assert frontend(python) is None


def test_a_file_of_the_same_length_is_found_out_when_it_is_read(tmp_path: Path) -> None:
    found = frontend(make_streamlit(tmp_path))
    assert found is not None
    (found.folder / "static/js/tiny.js").write_bytes(b"2")
    with pytest.raises(Unfit, match=r"tiny\.js is not what came with Streamlit 1\.67\.0"):
        found.read("static/js/tiny.js")


def test_an_environment_without_a_streamlit_of_its_own_is_none(tmp_path: Path) -> None:
    assert frontend(tmp_path / "bin/python") is None


def test_a_package_that_lists_no_files_is_none(tmp_path: Path) -> None:
    python = make_streamlit(tmp_path)
    record = tmp_path / PACKAGES / "streamlit-1.67.0.dist-info/RECORD"
    for text in ("", "streamlit/static/index.html,,\n", "streamlit/static/index.html\n", "\0"):
        record.write_text(text)
        assert frontend(python) is None
    record.unlink()
    assert frontend(python) is None


def test_names_that_lead_elsewhere_are_not_heeded(tmp_path: Path) -> None:
    python = make_streamlit(tmp_path)
    record = tmp_path / PACKAGES / "streamlit-1.67.0.dist-info/RECORD"
    names = ("../../secret.js", "static/../../x.js", "/etc/passwd", "static/.hidden/x.js", "a b.js")
    lines = "".join(f"streamlit/static/{name},sha256=abc,1\n" for name in names)
    record.write_text(record.read_text() + lines)
    found = frontend(python)
    assert found is not None
    assert set(found.hashes) == set(FILES)


@pytest.mark.parametrize("version", ["1.67.0+local", "1.67.0-x", "x"])
def test_a_version_that_is_no_part_of_an_address_is_none(tmp_path: Path, version: str) -> None:
    assert frontend(make_streamlit(tmp_path, version=version)) is None


def test_two_versions_are_none(tmp_path: Path) -> None:
    """Which of them is loaded nobody knows."""
    make_streamlit(tmp_path, version="1.66.0")
    assert frontend(make_streamlit(tmp_path)) is None
