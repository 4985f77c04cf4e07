"""A Streamlit page as a real process, on a real socket."""

import contextlib
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runner.processes import Started, running
from tests.support.streamlit_client import StreamlitClient

BASE = "/app/hello/~abc234"
SLIDER = """
import streamlit as st
value = st.slider("Value", 0, 100, 7)
st.write(f"The value is {value}")
if value > 50:
    raise ValueError("the value is too large")
"""


@contextlib.contextmanager
def page(folder: Path, script: str) -> Iterator[Started]:
    folder.mkdir(exist_ok=True)
    (folder / "app.py").write_text(script)
    with running("page.py", "app.py", "--base-path", BASE, cwd=folder) as started:
        yield started


@pytest.fixture(scope="module")
def slider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """One page for the tests that leave it as it is: a start takes a second or two."""
    with page(tmp_path_factory.mktemp("apps") / "slider", SLIDER) as started:
        yield started


def client(started: Started, base: str = BASE) -> StreamlitClient:
    return StreamlitClient(f"http://127.0.0.1:{started.port}{base}/")


def test_it_serves_below_its_own_address(slider: Started) -> None:
    assert slider.get(f"{BASE}/_stcore/health") == (200, "ok")
    status, html = slider.get(f"{BASE}/")
    assert (status, "<title>Streamlit</title>" in html) == (200, True)


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/app/other/~abc234/_stcore/health"])
def test_and_nowhere_else(slider: Started, path: str) -> None:
    assert slider.get(path)[1] != "ok"


@pytest.mark.parametrize("gone", ["old999", "x", "abc2345"])
def test_what_was_meant_for_one_that_is_gone_is_answered(slider: Started, gone: str) -> None:
    assert slider.get(f"/app/hello/~{gone}/_stcore/health") == (200, "ok")


def test_a_session_runs_and_is_counted(slider: Started) -> None:
    with client(slider) as visitor:
        assert "The value is 7" in visitor.run()
        before = slider.report_that(lambda said: said["sessions"] and said["runs"], "a run")
        assert "The value is 12" in visitor.run({"Value": 12})
        after = slider.report(sessions=1, runs=before["runs"] + 1)
        assert 0 < after["run_seconds"] < 30
    slider.report(sessions=0)


def test_a_tab_of_one_that_is_gone_goes_on(slider: Started) -> None:
    with client(slider, "/app/hello/~gone22") as visitor:
        assert "The value is 7" in visitor.run()
    slider.report(sessions=0)


def test_a_script_that_raises_is_told_with_its_place(slider: Started) -> None:
    with client(slider) as visitor:
        visitor.run()
        assert "ValueError: the value is too large" in visitor.run({"Value": 60})
        slider.report(error="ValueError: the value is too large (app.py, line 6)")
        visitor.run({"Value": 7})
        assert slider.report(error=None)["errors"] >= 1
    slider.report(sessions=0)


def test_the_script_s_health(slider: Started) -> None:
    assert slider.get(f"{BASE}/_stcore/script-health-check") == (200, "ok")


def test_it_ends_in_time_with_a_session_open(tmp_path: Path) -> None:
    with page(tmp_path / "hello", SLIDER) as started, client(started) as visitor:
        visitor.run()
        began = time.monotonic()
        started.end()
        assert time.monotonic() - began < 8


def test_a_broken_script_is_found_before_anybody_comes(tmp_path: Path) -> None:
    with page(tmp_path / "hello", "import helper\nhelper.work()\n") as started:
        (tmp_path / "hello/helper.py").write_text("def work():\n    return 1 / 0\n")
        assert started.get(f"{BASE}/_stcore/script-health-check")[0] == 503
        said = started.report(errors=1)
        assert said["error"] == "ZeroDivisionError: division by zero (helper.py, line 2)"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("x = [\n", "SyntaxError: '[' was never closed (app.py, line 1)"),
        ("\tif\n", "IndentationError: unexpected indent (app.py, line 1)"),
        ("x = 1\0", "app.py cannot be read: source code string cannot contain null bytes"),
    ],
)
def test_what_cannot_be_compiled_is_refused(tmp_path: Path, script: str, reason: str) -> None:
    with page(tmp_path / "hello", script) as started:
        refused = started.report()["refused"]
        assert refused == reason or "null bytes" in refused
        assert started.process.wait(20) == 1


def test_a_script_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with running("page.py", "gone.py", "--base-path", BASE, cwd=tmp_path) as started:
        assert started.report()["refused"].startswith("gone.py cannot be read: [Errno 2]")
        assert started.process.wait(20) == 1


def test_an_environment_without_streamlit_is_refused(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", symlinks=True)
    (tmp_path / "app.py").touch()
    python = tmp_path / "env/bin/python"
    arguments = ("app.py", "--base-path", BASE)
    with running("page.py", *arguments, cwd=tmp_path, python=python) as started:
        expected = f"there is no Streamlit in its environment, {tmp_path / 'env'}"
        assert started.report()["refused"] == expected
        assert started.process.wait(20) == 1


def test_its_own_modules_are_what_it_finds(tmp_path: Path) -> None:
    folder = tmp_path / "hello"
    folder.mkdir()
    for name in ("service", "page"):
        (folder / f"{name}.py").write_text(f"NAME = 'own {name}'\n")
    script = """
import sys, os
import streamlit as st
import page, service
st.write(f"{page.NAME}, {service.NAME}, {sys.argv == [os.path.abspath('app.py')]}")
"""
    with page(folder, script) as started, client(started) as visitor:
        assert "own page, own service, True" in visitor.run()
