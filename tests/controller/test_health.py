"""What `doctor` says of the manager, of what runs without one, and of what does not work."""

import os
import signal
from pathlib import Path

import pytest

from streamlit_controls import client
from streamlit_controls.controller.checks import health, network
from streamlit_controls.controller.checks.check import Check, Verdict, fail
from streamlit_controls.controller.checks.running import Running
from streamlit_controls.project import Project
from tests.controller import documents, relatives
from tests.controller.conftest import CommandLine
from tests.controller.fake_manager import FakeManager, failure, reply
from tests.controller.test_doctor import configure, only

START = "./streamlit_controller start takes them over without losing a session"


def test_the_manager(project: Project) -> None:
    assert only(health.manager(Running(project))).verdict is Verdict.WARN
    with FakeManager(project):
        assert only(health.manager(Running(project))).message.startswith("answers in ")
    with FakeManager(project, status=[failure("unauthorized", "the token is wrong")]):
        assert only(health.manager(Running(project))) == fail("manager", "the token is wrong", "")


def test_what_runs_without_a_manager_is_to_be_taken_over_not_ended(
    run: CommandLine, project: Project
) -> None:
    with relatives.known(project) as (_, port):
        configure(project, website_port=port)
        said = run("doctor")
    assert said.code == 1
    assert (
        "fail  manager: 1 process of this project runs on without a manager\n"
        f"      → {START}\nok    ports: all in use by ourselves or free\n"
    ) in said.out
    assert "taken by" not in said.out


def test_what_nothing_was_written_down_about_cannot_be_taken_over(project: Project) -> None:
    with relatives.listening(relatives.marked(project)):
        found = only(health.manager(Running(project)))
    assert found.message == "1 process of this project runs on without a manager"
    assert found.hint == (
        "nothing in .state/run/state.json tells of them: "
        "./streamlit_controller start ends them and begins anew"
    )


def test_the_keeper_alone_is_about_to_start_another(project: Project) -> None:
    with relatives.called(project, "streamlit_controls.keeper"):
        found = only(health.manager(Running(project)))
    assert found.message == "the manager is not there; its keeper starts another"


@pytest.mark.parametrize("missing", ["token", "address"])
def test_a_manager_without_its_files(project: Project, missing: str) -> None:
    with (
        relatives.called(project, "streamlit_controls.manager") as pid,
        FakeManager(project),
    ):
        (project.run / missing).unlink()
        found = only(health.manager(Running(project)))
        (project.run / missing).write_text("secret\n")
    assert found.message == f"the manager, pid {pid}, runs, but .state/run/{missing} is missing"
    assert "delete .state/run/address" in found.hint


def test_a_manager_that_is_silent(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "STATUS_TIMEOUT", 0.2)
    with (
        relatives.called(project, "streamlit_controls.manager") as pid,
        relatives.listening({}) as (listener, port),
    ):
        project.run.mkdir(parents=True)
        project.token_file.write_text("secret\n")
        project.address_file.write_text(f"127.0.0.1:{port}\n")
        os.kill(listener, signal.SIGSTOP)
        alone = only(health.manager(Running(project)))
        with relatives.called(project, "streamlit_controls.keeper"):
            kept = only(health.manager(Running(project)))
    assert alone.message == kept.message == f"the manager, pid {pid}, does not answer"
    assert kept.hint.startswith("its keeper replaces it within a minute")
    assert alone.hint.startswith(f"kill -9 {pid} ends it; then ./streamlit_controller start")


def test_a_manager_of_another_account(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    with relatives.called(project, "streamlit_controls.manager"):
        monkeypatch.setattr(Path, "read_text", refuse)
        found = only(health.manager(Running(project)))
    assert found.message == f"{project.run} cannot be read"
    assert found.hint == "use the account that started it"


def test_all_apps_are_well(project: Project) -> None:
    with FakeManager(project):
        [found] = health.apps(Running(project))
    assert (found.verdict, found.message) == (Verdict.OK, "1 app, none of which has failed")


def test_what_has_failed_is_a_problem(run: CommandLine, project: Project) -> None:
    api = documents.service(8502, state="backoff", error="ended with code 3")
    apps = {
        "hello": documents.app("hello", 8501, services={"api": api}),
        "broken": documents.app("broken", 8503, state="failed", error="app.py is not there"),
        "sales": documents.app("sales", 8504, error="KeyError: 'region'"),
    }
    site = documents.own(8500, None, state="backoff")
    configure(project)
    with FakeManager(project, status=[reply(documents.status(apps, site=site))]):
        found = list(health.apps(Running(project)))
        said = run("doctor")
    crashed = "has crashed and is about to be tried again"
    mend = "has all of it; mend its files, then it is tried again by itself"
    logs = "./streamlit_controller logs"
    assert found == [
        fail("website", crashed, f"see {logs} website"),
        fail(
            "app hello/api", f"{crashed}: ended with code 3", f"{logs} hello --service api {mend}"
        ),
        fail("app broken", "has failed: app.py is not there", f"{logs} broken {mend}"),
        fail("app sales", "is running, but not well: KeyError: 'region'", f"{logs} sales {mend}"),
    ]
    assert said.code == 1
    assert "All is in order" not in said.out


def test_the_manager_is_asked_once(project: Project) -> None:
    running = Running(project)
    with FakeManager(project) as manager:
        found: list[Check] = []
        for look in (health.manager, network.ports, network.gateway, health.apps):
            found += look(running)
    assert manager.asked == [("status", {})]
