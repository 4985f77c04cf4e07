"""The program that makes a folder of compressed front-end files."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from streamlit_controls.core.frontend import Unfit
from streamlit_controls.manager import asset_maker
from streamlit_controls.manager.frontends import Frontend, frontend
from streamlit_controls.project import CODE_ROOT
from tests.support.streamlit_packages import FILES, make_streamlit

SCRIPT = "static/js/index.Ab_-1.js"


def installed(folder: Path, files: dict[str, bytes] | None = None) -> Frontend:
    found = frontend(make_streamlit(folder, files or FILES))
    assert found is not None
    return found


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_what_is_made(tmp_path: Path) -> None:
    into = tmp_path / "into"
    asset_maker.make(installed(tmp_path / "venv"), into, "the mark")
    small = [SCRIPT, "static/css/index.css"]
    plain = ["favicon.png", "static/js/tiny.js", "static/media/font.woff2", *small]
    files = [*plain, *(name + suffix for name in small for suffix in (".br", ".gz"))]
    page = [f"page/index.html{suffix}" for suffix in ("", ".br", ".gz")]
    assert names(into) == {"made-from", *page, *(f"files/{name}" for name in files)}
    assert (into / "made-from").read_text() == "the mark"
    for name in plain:
        assert (into / "files" / name).read_bytes() == FILES[name]
    assert brotli.decompress((into / f"files/{SCRIPT}.br").read_bytes()) == FILES[SCRIPT]
    assert gzip.decompress((into / f"files/{SCRIPT}.gz").read_bytes()) == FILES[SCRIPT]
    text = (into / "page/index.html").read_text()
    assert f'src="/assets/streamlit-1.67.0/{SCRIPT}"' in text
    assert brotli.decompress((into / "page/index.html.br").read_bytes()).decode() == text


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    front = installed(tmp_path / "venv")
    for name in "ab":
        asset_maker.make(front, tmp_path / name, "")
    for name in names(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_file_that_somebody_changes_later_changes_nothing(tmp_path: Path) -> None:
    """Browsers keep for a year what they got under its name."""
    front = installed(tmp_path / "venv")
    asset_maker.make(front, tmp_path / "into", "")
    (front.folder / SCRIPT).write_bytes(b"changed")
    assert (tmp_path / "into/files" / SCRIPT).read_bytes() == FILES[SCRIPT]


def test_an_unfit_page_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    index = FILES["index.html"].replace(b"index.css", b"absent.css")
    front = installed(tmp_path / "venv", {**FILES, "index.html": index})
    with pytest.raises(Unfit, match=r"absent\.css"):
        asset_maker.make(front, tmp_path / "into", "")
    assert not (tmp_path / "into").exists()


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    front = installed(tmp_path / "venv")
    (front.folder / SCRIPT).write_bytes(b"changed")
    with pytest.raises(Unfit, match="is not what came with"):
        asset_maker.make(front, tmp_path / "into", "")
    assert not (tmp_path / "into/made-from").exists()


def test_the_program_is_in_nobody_s_way(tmp_path: Path) -> None:
    """Its priority is the lowest, also where the kernel groups processes by session."""
    python = make_streamlit(tmp_path / "venv")
    look = (
        "import atexit, os, pathlib, sys\n"
        "from streamlit_controls.manager import asset_maker\n"
        "asset_maker.main(*sys.argv[1:])\n"
        "group = pathlib.Path('/proc/self/autogroup')\n"
        "print(os.nice(0), group.read_text() if group.exists() else '')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", look, str(python), str(tmp_path / "into"), "mark"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=CODE_ROOT,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(CODE_ROOT)},
    )
    nice, _, group = done.stdout.strip().partition(" ")
    assert int(nice) == min(19, os.nice(0) + 10)
    assert not group or group.endswith("nice 10")


@pytest.mark.parametrize(
    ("files", "said"),
    [({**FILES, "index.html": b"<html>"}, "<head>"), ({**FILES, "index.html": b"\xff"}, "decode")],
)
def test_the_program_says_in_one_line_why_not(
    tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    python = make_streamlit(tmp_path / "venv", files)
    with pytest.raises(SystemExit, match=said):
        run_here(python, tmp_path / "into")


def test_the_program_finds_no_files(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="not there any more"):
        run_here(tmp_path / "bin/python", tmp_path / "into")


def run_here(python: Path, into: Path) -> None:
    """Run the program in this process, whose priority stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "nice", lambda _: 0)
        patch.setattr(Path, "write_text", lambda *_: 0)
        asset_maker.main(str(python), str(into), "")
