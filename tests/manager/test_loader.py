"""config.json and the manifests, as they lie on disk."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls import configuration
from streamlit_controls.core import discovery
from streamlit_controls.core.errors import ConfigError
from streamlit_controls.manager import loader
from streamlit_controls.project import Project
from tests.support.projects import make_app, make_project


def written(project: Project) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(project.config_file.read_text(encoding="utf-8"))
    return read


def state_of(path: Path) -> tuple[bytes, int, int, int]:
    stat = path.stat()
    return path.read_bytes(), stat.st_mtime_ns, stat.st_ino, stat.st_mode


def refused(project: Project) -> list[str]:
    before = state_of(project.config_file)
    with pytest.raises(ConfigError) as caught:
        loader.load(project)
    assert state_of(project.config_file) == before
    return [str(each) for each in caught.value.problems]


def test_new_apps_are_added_and_written(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"website_port": 5001, "apps": {"b": {"port": 8501}}}, "b")
    make_app(project, "c")
    make_app(project, "a")
    (project.apps / "notes.txt").write_text("no app")
    (project.apps / "empty").mkdir()
    loaded = loader.load(project)
    assert loaded.added == ("a", "c")
    assert written(project) == {
        "website_port": 5001,
        "apps": {
            "b": {"port": 8501},
            "a": {"dir": "apps/a", "port": 8502},
            "c": {"dir": "apps/c", "port": 8503},
        },
    }
    assert loaded.document == written(project)
    assert [(app.key, app.port) for app in loaded.config.apps] == [
        ("b", 8501),
        ("a", 8502),
        ("c", 8503),
    ]


def test_without_a_file_one_is_made(tmp_path: Path) -> None:
    project = make_project(tmp_path, None, "hello")
    assert loader.load(project).added == ("hello",)
    assert written(project) == {"apps": {"hello": {"dir": "apps/hello", "port": 8501}}}


def test_without_anything(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert loader.load(project).config.apps == ()
    assert written(project) == {"apps": {}}


@pytest.mark.parametrize(
    "text",
    [
        '{"apps":{"hello":{}},   "website_port":5000}',
        '{\r\n\t"$schema": "x",\r\n\t"apps": {"hello": {"name": "M\\u00fcller"}}\r\n}',
        '\ufeff{"apps": {"hello": {}}}',
    ],
)
def test_where_nothing_is_new_nothing_is_written(tmp_path: Path, text: str) -> None:
    project = make_project(tmp_path, None, "hello")
    project.config_file.write_text(text, encoding="utf-8", newline="")
    os.utime(project.config_file, (1, 1))
    before = state_of(project.config_file)
    loaded = loader.load(project)
    assert [app.key for app in loaded.config.apps] == ["hello"]
    assert state_of(project.config_file) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".state",
        "apps",
        "config.json",
        "logs",
    ]


@pytest.mark.parametrize("said", [{"dir": "apps/hello"}, {"dir": "./apps/hello/"}])
def test_a_folder_under_another_key_is_known(tmp_path: Path, said: dict[str, str]) -> None:
    project = make_project(tmp_path, {"apps": {"welcome": said}}, "hello")
    assert loader.load(project).added == ()


def test_a_symbolic_link_stays_one_and_the_mode_stays(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", None, "hello")
    real = tmp_path / "real.json"
    real.write_text("{}")
    real.chmod(0o640)
    project.config_file.symlink_to(real)
    loader.load(project)
    assert project.config_file.is_symlink()
    assert "hello" in json.loads(real.read_text())["apps"]
    assert real.stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_written_works_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    project = make_project(tmp_path, {}, "hello")
    monkeypatch.setattr(loader, "write_atomically", read_only)
    loaded = loader.load(project)
    assert [app.key for app in loaded.config.apps] == ["hello"]
    assert [str(each) for each in loaded.problems] == [
        "new apps are not written to it: Read-only file system"
    ]


def test_a_failed_write_leaves_no_file_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    project = make_project(tmp_path, {}, "hello")
    before = project.config_file.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    assert loader.load(project).problems
    assert project.config_file.read_bytes() == before
    assert not list(tmp_path.glob(".config*"))


def test_the_owner_stays(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give files away")
    project = make_project(tmp_path, {}, "hello")
    os.chown(project.config_file, 1234, 5678)
    assert loader.load(project).added == ("hello",)
    found = project.config_file.stat()
    assert (found.st_uid, found.st_gid) == (1234, 5678)


@pytest.mark.parametrize("times", [1, 100])
def test_an_edit_while_it_is_read_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    project = make_project(tmp_path, {}, "hello")
    real, edits = discovery.render, 0

    def edited_meanwhile(*what: Any) -> str:
        nonlocal edits
        if edits < times:
            edits += 1
            project.config_file.write_text(json.dumps({"website_port": 5000 + edits}))
        return real(*what)

    monkeypatch.setattr(discovery, "render", edited_meanwhile)
    loaded = loader.load(project)
    assert loaded.added == ("hello",)
    assert written(project)["website_port"] == 5000 + edits
    assert ("hello" in written(project).get("apps", {})) == (times == 1)
    assert [str(each) for each in loaded.problems] == (
        [] if times == 1 else ["new apps are not written to it: somebody writes to it all the time"]
    )
    assert loaded.config.website_port == (5001 if times == 1 else 5000 + edits - 1)


def test_an_edit_into_nonsense_while_it_is_read_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path, {}, "hello")

    def edited_meanwhile(*_: Any) -> str:
        project.config_file.write_text("{")
        return "{}"

    monkeypatch.setattr(discovery, "render", edited_meanwhile)
    with pytest.raises(ConfigError):
        loader.load(project)
    assert project.config_file.read_text() == "{"


def test_a_look_writes_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path, {}, "hello")
    before = state_of(project.config_file)
    assert loader.look(project).added == ("hello",)
    assert state_of(project.config_file) == before
    project.config_file.unlink()
    with pytest.raises(ConfigError):
        loader.look(project)


def test_not_in_order_changes_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"website_port": "x"}, "hello")
    assert refused(project) == ['website_port: should be a whole number, not "x"']


def test_no_utf8(tmp_path: Path) -> None:
    project = make_project(tmp_path, None)
    project.config_file.write_bytes(b'{"apps": {"\xe9": {}}}')
    assert refused(project) == ["is no UTF-8 text"]


def test_cannot_be_read(tmp_path: Path) -> None:
    project = make_project(tmp_path, None)
    project.config_file.mkdir()
    with pytest.raises(ConfigError) as caught:
        loader.load(project)
    assert [str(each) for each in caught.value.problems] == ["cannot be read: Is a directory"]


@pytest.mark.parametrize("kind", ["a pipe", "a device", "too large"])
def test_what_is_no_file_of_a_person_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    project = make_project(tmp_path, None, "hello")
    for file in (project.config_file, project.apps / "hello/app.toml"):
        match kind:
            case "a pipe":
                os.mkfifo(file)
            case "a device":
                file.symlink_to("/dev/zero")
            case _:
                with file.open("wb") as empty:
                    empty.truncate(configuration.LARGEST + 1)
    with pytest.raises(ConfigError) as caught:
        loader.load(project)
    why = "File too large" if kind == "too large" else "it is no file"
    assert [str(each) for each in caught.value.problems] == [f"cannot be read: {why}"]
    project.config_file.unlink()
    (app,) = loader.load(project).config.apps
    assert [each.message for each in app.problems] == [f"cannot be read: {why}"]


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        (b'name = "x', "app.toml: no TOML"),
        (b'name = "\xe9"', "app.toml: cannot be read"),
        (b"x = " + b"[" * 5000, "app.toml: too deeply nested"),
        (b'nmae = "x"', "app.toml.nmae: unknown key (did you mean name?)"),
        (b"name = 2024-01-01", "app.toml.name: should be a string, not 2024-01-01"),
        (b"[services.api]", "app.toml.services.api: should have exactly one of"),
    ],
)
def test_a_bad_manifest_is_its_app_s_problem(tmp_path: Path, manifest: bytes, problem: str) -> None:
    project = make_project(tmp_path, {"apps": {"bad": {}, "good": {}}}, "bad", "good")
    (project.apps / "bad/app.toml").write_bytes(manifest)
    bad, good = loader.load(project).config.apps
    assert [str(each)[: len(problem)] for each in bad.problems] == [problem]
    assert good.problems == ()


def test_a_manifest_with_a_byte_order_mark(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"apps": {"hello": {}}}, "hello")
    (project.apps / "hello/app.toml").write_text('\ufeffname = "Hi"', encoding="utf-8")
    assert loader.load(project).config.apps[0].name == "Hi"


def test_manifests_of_new_apps_count_at_once(tmp_path: Path) -> None:
    project = make_project(tmp_path, {})
    make_app(project, "hello", 'name = "Hi"\n[services.api]\nasgi = "m:a"\n')
    (app,) = loader.load(project).config.apps
    assert (app.name, [each.port for each in app.services]) == ("Hi", [8502])


@pytest.mark.parametrize("folder", ["x\0y", "x" * 5000, "config.json", 5])
def test_folders_that_cannot_be(tmp_path: Path, folder: object) -> None:
    project = make_project(tmp_path, {"apps": {"hello": {"dir": folder}}})
    refusal = pytest.raises(ConfigError, match="1 problem")
    with refusal if folder in {"x\0y", 5} else contextlib.nullcontext():
        loader.load(project)
