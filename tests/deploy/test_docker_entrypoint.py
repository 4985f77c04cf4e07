"""What the controller's container does to its volume before the controller starts."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.journeys.project import CODE

PROGRAM = CODE / "deploy/container/entrypoint.py"


@pytest.fixture(scope="module")
def entrypoint() -> ModuleType:
    spec = importlib.util.spec_from_file_location("container_entrypoint", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def configuration(project: Path) -> Any:
    return json.loads((project / "config.json").read_text())


@pytest.mark.parametrize(
    ("document", "patch", "after"),
    [
        ({}, {}, {}),
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"apps": {"x": {"port": 1, "env": {"A": "1"}}}}, {"apps": {"x": {"port": 2}}}, None),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": "text"}, {"a": {"b": 1, "c": None}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": "text"}),
    ],
)
def test_a_merge_patch_is_that_of_rfc_7396(
    entrypoint: ModuleType, document: Any, patch: Any, after: Any
) -> None:
    expected = {"apps": {"x": {"port": 2, "env": {"A": "1"}}}} if after is None else after
    before = json.dumps(document)
    assert entrypoint.merged(document, patch) == expected
    assert json.dumps(document) == before


def test_an_empty_volume_gets_samples_and_is_open_to_the_container(
    entrypoint: ModuleType, tmp_path: Path
) -> None:
    entrypoint.prepare(tmp_path, {}, ["hello", "task-runner"])
    assert configuration(tmp_path) == {"host": "0.0.0.0"}
    assert (tmp_path / "apps/hello/app.py").exists()
    required = (tmp_path / "apps/task-runner/requirements.txt").read_text().splitlines()[0]
    kit = (tmp_path / "apps/task-runner" / required).resolve()
    assert (kit / "pyproject.toml").exists(), "what bundled apps require by its path is there"


@pytest.mark.parametrize("there", ["config.json", "apps/mine/app.py"])
def test_what_is_there_gets_no_samples(entrypoint: ModuleType, there: str, tmp_path: Path) -> None:
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("")
    entrypoint.prepare(tmp_path, {}, ["hello"])
    assert not (tmp_path / "apps/hello").exists()
    assert configuration(tmp_path) == {"host": "0.0.0.0"}


@pytest.mark.parametrize("text", ["{no json", "[]", '"text"'])
def test_what_is_no_configuration_is_left_to_the_controller(
    entrypoint: ModuleType, text: str, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(text)
    entrypoint.prepare(tmp_path, {"website_port": 80}, [])
    assert (tmp_path / "config.json").read_text() == text


def test_what_people_wrote_is_left_as_it_is_where_nothing_changes(
    entrypoint: ModuleType, tmp_path: Path
) -> None:
    text = '{"host":   "0.0.0.0", "apps": {"übung": {}}}'
    (tmp_path / "config.json").write_text(text)
    entrypoint.prepare(tmp_path, {"host": "0.0.0.0"}, [])
    assert (tmp_path / "config.json").read_text() == text
    entrypoint.prepare(tmp_path, {"domain": "example.com"}, [])
    assert configuration(tmp_path)["apps"] == {"übung": {}}
    assert "übung" in (tmp_path / "config.json").read_text(encoding="utf-8")


def test_the_address_that_somebody_chose_stays(entrypoint: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"host": "127.0.0.1"}')
    entrypoint.prepare(tmp_path, {}, [])
    assert configuration(tmp_path) == {"host": "127.0.0.1"}


def run(project: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    chosen = {"STREAMLIT_CONTROLLER_PROJECT": str(project), "HOME": str(project), **variables}
    return subprocess.run(
        [sys.executable, str(PROGRAM), "--version"],
        env=dict(os.environ) | chosen,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_becomes_the_controller(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Streamlit Controller ")


@pytest.mark.parametrize("text", ["{no json", "[]"])
def test_settings_that_make_no_sense_end_it(text: str, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(text)
    done = run(tmp_path / "project", STREAMLIT_CONTROLLER_SETTINGS=str(settings))
    assert done.returncode == 1
    assert str(settings) in done.stderr
    assert "Hint: " in done.stderr


def test_a_sample_that_is_not_there_ends_it_and_names_those_that_are(tmp_path: Path) -> None:
    done = run(tmp_path / "project", STREAMLIT_CONTROLLER_SAMPLES="helo")
    assert done.returncode == 1
    assert "'helo'" in done.stderr
    assert "hello" in done.stderr.splitlines()[1]


def test_a_volume_that_cannot_be_written_says_for_whom_it_must_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(tmp_path / "file/project")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert f"chown -R {os.getuid()}:{os.getgid()}" in done.stderr
    assert "Traceback" not in done.stderr
