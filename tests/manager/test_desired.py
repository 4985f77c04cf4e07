"""What should run: edits, good and bad, and what the operator wished."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls.core.errors import ConfigError, LaunchError, UnknownApp
from streamlit_controls.core.plan import Wish
from streamlit_controls.manager import loader
from streamlit_controls.manager.desired import Changes, Desired
from streamlit_controls.project import Project
from tests.support.projects import make_app, make_project

PAGE = Wish(1, 1, True, idle_timeout=1800, drain_timeout=600)
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


@pytest.mark.parametrize(
    "text",
    ["{", '{"website_port": "x"}', '{"apps": {"hello": {"x": 1}}}', "", " \n", "[" * 100_000],
)
def test_a_bad_edit_keeps_the_last_good_one(project: Project, desired: Desired, text: str) -> None:
    before = desired.config, desired.wishes(), desired.memory()
    edit(project, text)
    for _ in range(2):
        with pytest.raises(ConfigError):
            desired.refresh()
    assert (desired.config, desired.wishes(), desired.memory()) == before
    assert desired.problems
    edit(project, TWO)
    desired.refresh()
    assert desired.problems == ()


@pytest.mark.parametrize("linked", [False, True])
def test_a_file_that_is_gone_is_not_made_anew(
    project: Project, desired: Desired, linked: bool
) -> None:
    before = desired.config, desired.wishes(), desired.memory()
    project.config_file.unlink()
    if linked:
        project.config_file.symlink_to("elsewhere.json")
    with pytest.raises(ConfigError):
        desired.refresh()
    (problem,) = desired.problems
    expected = "leads to elsewhere.json, which is not there" if linked else "is not there any more"
    assert problem.message == expected
    assert "put it back, then ./streamlit_controller refresh" in problem.hint
    assert not project.config_file.exists()
    assert Desired(project, desired.memory()).config == desired.config
    assert (desired.config, desired.wishes(), desired.memory()) == before
    assert not project.config_file.exists()


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


def test_a_successor_wishes_anew_what_was_edited_meanwhile(
    project: Project, desired: Desired
) -> None:
    memory = desired.memory()
    edit(project, {"apps": {**TWO["apps"], "hello": {"port": 8501, "env": {"A": "1"}}}})
    make_app(project, "media-explorer", 'env = {A = "1"}')
    successor = Desired(project, memory)
    assert generations(successor) == {"@site": 1, "@gateway": 1, "hello": 2, "media-explorer": 2}


def test_a_successor_goes_on_with_manifests_that_were_good(
    project: Project, desired: Desired
) -> None:
    make_app(project, "hello", '[services.api]\nasgi = "m:a"\n')
    desired.refresh()
    memory = desired.memory()
    make_app(project, "hello", "[services")
    successor = Desired(project, memory)
    assert successor.wishes() == desired.wishes()
    assert successor.units["hello"].problem is None
    assert [each.path for each in successor.problems] == ["hello/app.toml"]
    assert successor.memory() == memory


def test_a_manifest_that_was_never_good_is_none_that_a_successor_goes_by(project: Project) -> None:
    make_app(project, "hello", "nmae = 2024-01-01")
    memory = Desired(project, None).memory()
    assert set(memory.manifests) == {"media-explorer"}
    edit(project, "{")
    assert Desired(project, memory).units["hello"].problem is not None


def test_a_successor_goes_on_with_the_last_good_edit(project: Project, desired: Desired) -> None:
    memory = desired.memory()
    edit(project, "{")
    successor = Desired(project, memory)
    assert successor.config == desired.config
    assert successor.problems
    with pytest.raises(ConfigError):
        Desired(project, None)


def problem(desired: Desired, unit: str) -> str | None:
    return desired.units[unit].problem


def compared(desired: Desired) -> list[str]:
    before = desired.config, desired.wishes(), desired.memory(), desired.problems
    found = desired.compare(loader.look(desired._project))
    assert (desired.config, desired.wishes(), desired.memory(), desired.problems) == before
    return [str(each) for each in found]


IN_WAITING = "was edited, and is not in force yet (./streamlit_controller refresh takes it up)"


def test_what_is_in_force_is_no_news(project: Project, desired: Desired) -> None:
    assert compared(desired) == []
    text = project.config_file.read_text()
    edit(project, text + "\n\n")
    assert compared(desired) == []
    make_app(project, "new")
    desired.refresh()
    assert compared(desired) == []


def test_what_a_refresh_would_change_is_told(project: Project, desired: Desired) -> None:
    edit(project, {"apps": {**TWO["apps"], "hello": {"port": 8501, "name": "Hi"}}})
    assert compared(desired) == [IN_WAITING]
    desired.refresh()
    assert compared(desired) == []
    make_app(project, "hello", 'description = "Hi"')
    assert compared(desired) == [f"hello/app.toml: {IN_WAITING}"]
    make_app(project, "hello", "description")
    (shown,) = compared(desired)
    assert shown.startswith("hello/app.toml: no TOML: ")


def test_what_cannot_be_written_is_told_for_as_long_as_it_is_not(
    project: Project, desired: Desired, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    make_app(project, "new")
    with monkeypatch.context() as patch:
        patch.setattr(loader, "write_atomically", read_only)
        desired.refresh()
    assert "new" in desired.wishes()
    assert compared(desired) == [
        "does not have new yet (./streamlit_controller refresh takes it up)"
    ]
    desired.refresh()
    assert (compared(desired), desired.problems) == ([], ())


def test_what_a_refresh_refused_is_told_as_it_was(project: Project) -> None:
    ports = {5050}

    def taken(port: int, host: str) -> None:
        if port in ports:
            raise LaunchError(f"port {port} is taken", "stop that program")

    desired = Desired(project, None, taken)
    edit(project, {**TWO, "website_port": 5050})
    assert compared(desired) == [IN_WAITING]
    with pytest.raises(ConfigError):
        desired.refresh()
    assert compared(desired) == ["website_port: port 5050 is taken (stop that program)"]
    ports.clear()
    desired.refresh()
    assert compared(desired) == []
    edit(project, {**TWO, "manager_port": 9999})
    (shown,) = compared(desired)
    assert shown.startswith("manager_port: cannot change")


def test_another_try_is_for_what_failed_alone(project: Project) -> None:
    make_app(project, "hello", '[services.api]\nasgi = "m:a"\n')
    desired = Desired(project, None)
    edit(project, {"apps": {**TWO["apps"], "hello": {"port": 8501, "env": {"A": "1"}}}})
    desired.try_anew(["hello.api"])
    assert generations(desired) == {
        "@site": 1,
        "@gateway": 1,
        "hello": 1,
        "hello.api": 2,
        "media-explorer": 1,
    }
    assert desired.config.apps[0].env == {}, "config.json waits for refresh"


def test_another_try_takes_the_manifest_up(project: Project) -> None:
    make_app(project, "hello", "nmae = 5")
    desired = Desired(project, None)
    make_app(project, "media-explorer", 'description = "of another app"')
    desired.try_anew(["hello", "one that is gone meanwhile"])
    assert problem(desired, "hello") is not None
    assert generations(desired)["hello"] == 2
    make_app(project, "hello", 'name = "Hi"')
    desired.try_anew(["hello"])
    assert problem(desired, "hello") is None
    assert [app.name for app in desired.config.apps] == ["Hi", "Media explorer"]
    assert [app.description for app in desired.config.apps] == ["", ""]
    assert generations(desired) == {"@site": 1, "@gateway": 1, "hello": 3, "media-explorer": 1}


@pytest.mark.parametrize(
    "manifest",
    ['url = "/media-explorer/"', "[services.api]\nasgi = 'm:a'\nport = 8502", "nam"],
)
def test_another_try_takes_up_no_manifest_that_is_not_in_order(
    project: Project, desired: Desired, manifest: str
) -> None:
    before = desired.config
    make_app(project, "hello", manifest)
    desired.try_anew(["hello"])
    assert desired.config == before
    assert generations(desired)["hello"] == 2


def test_another_try_moves_no_other_app(project: Project) -> None:
    make_app(project, "media-explorer", '[services.api]\nasgi = "m:a"\n')
    desired = Desired(project, None)
    make_app(project, "hello", '[services.first]\nasgi = "m:a"\n')
    desired.try_anew(["hello"])
    assert "hello.first" not in desired.units
    assert compared(desired) == [f"hello/app.toml: {IN_WAITING}"]


def test_what_was_mended_so_that_it_collides_keeps_no_manager_from_coming_up(
    project: Project,
) -> None:
    """It was broken when the one before read it; what is on disk by now is for a refresh."""
    folder = make_app(project, "mended")
    (folder / "app.toml").write_text("nam = 1\n")
    before = Desired(project, None)
    assert before.app("mended").problems
    (folder / "app.toml").write_text('url = "/hello/"\n')
    after = Desired(project, before.memory())
    assert [app.key for app in after.config.apps] == [app.key for app in before.config.apps]
    assert after.app("mended").problems
    assert "has the url" in str(after.problems[0])


@pytest.mark.parametrize(
    ("manifest", "replicas"),
    [("replicas = 3\n", 3), ("replicas = 'x'\n", 1), ('url = "/other/"', 1)],
)
def test_who_runs_anew_does_so_by_its_manifest_as_it_is_now(
    project: Project, manifest: str, replicas: int
) -> None:
    make_app(project, "other")
    desired = Desired(project, None)
    (project.apps / "hello/app.toml").write_text(manifest)
    desired.renew(desired.app("hello"))
    assert desired.units["hello"].replicas == replicas
    assert generations(desired)["hello"] > 1
    assert generations(desired)["other"] == 1
