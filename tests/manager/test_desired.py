"""What should run: edits, good and bad, and what the operator wished."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls.core.errors import ConfigError, UnknownApp
from streamlit_controls.core.plan import Wish
from streamlit_controls.manager.desired import Changes, Desired
from streamlit_controls.project import Project
from tests.support.projects import make_app, make_project

PAGE = Wish(1, 1, True, idle_timeout=1800)
TWO: dict[str, Any] = {"apps": {"hello": {"port": 8501}, "media-explorer": {"port": 8502}}}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, TWO, "hello", "media-explorer")


@pytest.fixture
def desired(project: Project) -> Desired:
    return Desired(project, None)


def edit(project: Project, document: dict[str, Any] | str) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    project.config_file.write_text(text)


def generations(desired: Desired) -> dict[str, int]:
    return {name: wish.generation for name, wish in desired.wishes().items()}


def test_all_is_wished_once(desired: Desired) -> None:
    assert desired.wishes() == {
        "@site": Wish(1, 1, True, first=True),
        "@gateway": Wish(1, 1, False, first=True),
        "hello": PAGE,
        "media-explorer": PAGE,
    }


def test_a_refresh_without_news(desired: Desired) -> None:
    before = desired.wishes()
    assert desired.refresh() == Changes()
    assert desired.wishes() == before


def test_a_new_app(project: Project, desired: Desired) -> None:
    make_app(project, "new")
    assert desired.refresh() == Changes(added=("new",))
    assert desired.wishes()["new"] == PAGE
    assert "new" in json.loads(project.config_file.read_text())["apps"]


def test_a_removed_app(project: Project, desired: Desired) -> None:
    edit(project, {"apps": {"hello": {"port": 8501}, "other": {"dir": "apps/media-explorer"}}})
    assert desired.refresh() == Changes(added=("other",), removed=("media-explorer",))
    assert "media-explorer" not in desired.wishes()


def test_a_changed_app_is_a_new_generation(project: Project, desired: Desired) -> None:
    edit(project, {"apps": {**TWO["apps"], "hello": {"port": 8501, "env": {"A": "1"}}}})
    assert desired.refresh() == Changes(changed=("hello",))
    assert generations(desired) == {"@site": 1, "@gateway": 1, "hello": 2, "media-explorer": 1}


def test_other_words_restart_nothing(project: Project, desired: Desired) -> None:
    edit(project, {"apps": {**TWO["apps"], "hello": {"port": 8501, "name": "Hi", "url": "/x/"}}})
    assert desired.refresh() == Changes()
    assert desired.config.apps[0].name == "Hi"
    assert set(generations(desired).values()) == {1}


@pytest.mark.parametrize("text", ["{", '{"website_port": "x"}', '{"apps": {"hello": {"x": 1}}}'])
def test_a_bad_edit_keeps_the_last_good_one(project: Project, desired: Desired, text: str) -> None:
    before = desired.config, desired.wishes(), desired.document
    edit(project, text)
    for _ in range(2):
        with pytest.raises(ConfigError):
            desired.refresh()
    assert (desired.config, desired.wishes(), desired.document) == before
    assert desired.problems
    edit(project, TWO)
    desired.refresh()
    assert desired.problems == ()


def test_the_manager_s_port_cannot_move(project: Project, desired: Desired) -> None:
    edit(project, {**TWO, "manager_port": 9999})
    with pytest.raises(ConfigError) as caught:
        desired.refresh()
    assert [str(each) for each in caught.value.problems] == [
        "manager_port: cannot change from 8499 while the manager runs (stop first, then start)"
    ]
    assert desired.config.manager_port == 8499


def test_a_manifest_that_breaks_keeps_its_app_as_it_was(project: Project, desired: Desired) -> None:
    make_app(project, "hello", 'name = "Hi"\n[services.api]\nasgi = "m:a"\n')
    desired.refresh()
    before = desired.config.apps[0]
    make_app(project, "hello", 'name = "Hi')
    assert desired.refresh() == Changes()
    assert desired.config.apps[0] == before
    assert [each.path for each in desired.problems] == ["hello/app.toml"]
    make_app(project, "hello", 'name = "Hello again"')
    assert desired.refresh().changed == ("hello",), "its service is gone"
    assert desired.config.apps[0].name == "Hello again"
    assert desired.problems == ()


def test_a_manifest_that_was_never_good(project: Project) -> None:
    make_app(project, "hello", "nmae = 5")
    desired = Desired(project, None)
    assert desired.units["hello"].problem == "app.toml.nmae: unknown key (did you mean name?)"
    make_app(project, "hello", 'name = "Hi"')
    assert desired.refresh() == Changes(changed=("hello",))
    assert desired.units["hello"].problem is None


def test_stop_start_and_restart(desired: Desired) -> None:
    hello = desired.app("hello")
    desired.stop(hello)
    assert desired.is_stopped(hello)
    assert desired.wishes()["hello"] == replace(PAGE, replicas=0)
    desired.start(hello)
    assert desired.wishes()["hello"] == PAGE
    desired.stop(hello)
    desired.renew(hello)
    assert desired.wishes()["hello"] == replace(PAGE, generation=2)
    assert desired.wishes()["media-explorer"] == PAGE


def test_services_go_with_their_app(project: Project) -> None:
    make_app(project, "hello", '[services.api]\nasgi = "m:a"\n')
    desired = Desired(project, None)
    desired.renew(desired.app("hello"))
    assert generations(desired)["hello.api"] == 2
    desired.stop(desired.app("hello"))
    assert desired.wishes()["hello.api"].replicas == 0


def test_a_stopped_app_stays_stopped_over_a_refresh(project: Project, desired: Desired) -> None:
    desired.stop(desired.app("hello"))
    edit(project, {"apps": {**TWO["apps"], "hello": {"port": 8777}}})
    desired.refresh()
    assert desired.wishes()["hello"] == replace(PAGE, replicas=0, generation=2)


def test_leaving(desired: Desired) -> None:
    desired.leave()
    assert {wish.replicas for wish in desired.wishes().values()} == {0}


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("helo", "did you mean hello?"),
        ("media-explor", "did you mean media-explorer?"),
        ("zzz", "there is: hello, media-explorer"),
        (None, "there is: hello, media-explorer"),
        ("", "there is: hello, media-explorer"),
    ],
)
def test_unknown_apps(desired: Desired, key: str | None, hint: str) -> None:
    with pytest.raises(UnknownApp) as caught:
        desired.app(key)
    assert caught.value.hint == hint


def test_a_successor_wishes_the_same(project: Project, desired: Desired) -> None:
    desired.stop(desired.app("hello"))
    desired.renew(desired.app("media-explorer"))
    assert Desired(project, desired.memory()).wishes() == desired.wishes()


def test_a_successor_goes_on_with_the_last_good_edit(project: Project, desired: Desired) -> None:
    memory = desired.memory()
    edit(project, "{")
    successor = Desired(project, memory)
    assert successor.config == desired.config
    assert successor.problems
    with pytest.raises(ConfigError):
        Desired(project, None)
