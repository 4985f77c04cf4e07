"""The kit as a package by itself: what pip makes of its folder."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = 180
"""Seconds; the build's own requirement comes from the registry."""

TRY = """
import importlib.metadata, pathlib, sys, streamlit_kit
handle = streamlit_kit.TaskPool().submit("a", "x", lambda _: 1)
print(sorted(streamlit_kit.__all__)[0], handle.join(9).value)
here = pathlib.Path(streamlit_kit.__file__).parent
others = [each for each in here.rglob("*") if each.suffix not in {".py", ".pyc", ""}]
print(sorted(str(each.relative_to(here)) for each in others))
print(importlib.metadata.requires("streamlit-kit"))
print(here.is_relative_to(pathlib.Path.cwd()), "streamlit" in sys.modules)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it into a folder, with nothing of what it requires."""
    target = tmp_path_factory.mktemp("installed")
    uv = Path(sys.prefix) / "bin/uv"
    command: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        target,
        "./streamlit_kit",
    ]
    subprocess.run([*command, "--python", sys.executable], cwd=ROOT, check=True, timeout=BUILD)
    return target


def test_it_works_without_anything_else_of_this_project(installed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRY],
        cwd=installed,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "AsyncTaskManager 1",
        "['py.typed', 'sessions/browser_tab.js']",
        "['streamlit>=1.67,<2']",
        "True False",
    ]


def test_its_types_are_seen_from_outside(installed: Path, tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text(
        "from streamlit_kit import AsyncTaskManager, TaskContext\n"
        "def work(context: TaskContext, number: int) -> int: return number\n"
        "tasks = AsyncTaskManager()\n"
        "tasks.submit('x', work, 1)\n"
        "reveal_type(tasks.get_result('x'))\n"
        "tasks.submit('x', work, 'one')\n"
    )
    # What Streamlit itself is of no matter here, and takes half a minute to read.
    (tmp_path / "mypy.ini").write_text("[mypy]\n[mypy-streamlit.*]\nfollow_imports = skip\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir=cache", "app.py"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"MYPYPATH": str(installed), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "streamlit_kit.tasks.result.TaskResult | None" in done.stdout
    errors = [each for each in done.stdout.splitlines() if each.startswith("app.py:6: error:")]
    assert len(errors) == 1, done.stdout
    assert 'incompatible type "str"; expected "int"' in errors[0]
