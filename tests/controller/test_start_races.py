"""`start` while something else starts, or stops, the same project."""

import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest

from streamlit_controls.client import Client
from streamlit_controls.controller.verbs import start
from streamlit_controls.core.errors import AlreadyRunning
from streamlit_controls.project import Project
from tests.controller import documents
from tests.controller.conftest import CommandLine
from tests.controller.fake_manager import FakeManager, Message, failure, outcome, reply

RUNNING = "Streamlit Controller is already running at http://127.0.0.1:5000/\n"


def refused(times: int) -> Any:
    """Return answers to `start` of a manager that is being stopped for so many of them."""
    asked = 0

    def answer(_: dict[str, Any]) -> Iterable[Message]:
        nonlocal asked
        asked += 1
        if asked <= times:
            return [failure("leaving", "everything is being stopped", "try again in a moment")]
        return [reply(outcome(hello="running"))]

    return answer


@pytest.mark.parametrize("words", [("start",), ("start", "hello")])
def test_a_start_that_a_stop_was_before_begins_anew(
    run: CommandLine, manager: FakeManager, words: tuple[str, ...]
) -> None:
    manager.answers["start"] = refused(2)
    assert run(*words).code == 0
    assert [verb for verb, _ in manager.asked].count("start") == 3


def test_not_for_ever(run: CommandLine, manager: FakeManager) -> None:
    manager.answers["start"] = refused(100)
    said = run("start")
    assert said.code == 1
    assert "everything is being stopped" in said.err
    assert [verb for verb, _ in manager.asked].count("start") == start.TRIES


def test_a_stop_that_came_later_has_won(run: CommandLine, manager: FakeManager) -> None:
    result = outcome(hello="stopped")
    manager.answers["start"] = [failure("leaving", "everything is being stopped", "", 1, result)]
    assert run("start").code == 1
    assert [verb for verb, _ in manager.asked].count("start") == 1


def test_what_is_about_to_end_is_waited_for(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    manager.answers["start"] = [reply(outcome(hello="running"))]
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as ending:
        leaving = documents.status(pid=ending.pid)
        leaving["manager"]["leaving"] = True

        def status(_: dict[str, Any]) -> Iterable[Message]:
            assert ending.stdin is not None
            ending.stdin.close()
            return [reply(leaving)]

        def anew(_: Project) -> tuple[Client, str]:
            assert ending.poll() is not None
            return Client.for_project(project), ""

        manager.answers["status"] = status
        monkeypatch.setattr(start, "started", anew)
        assert run("start").code == 0


def test_a_keeper_that_ends_is_followed_by_ours(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    """Nobody answers, for its manager is gone; nor may another keep the project, at first."""
    client, address = Client.for_project(project), project.address_file.read_text()
    project.address_file.unlink()
    tries = 0

    def start_keeper(_: Project) -> Client:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise AlreadyRunning("it is running already")
        project.address_file.write_text(address)
        return client

    monkeypatch.setattr(start, "start_keeper", start_keeper)
    monkeypatch.setattr(start, "LISTENING", 0.01)
    manager.answers["start"] = [reply(outcome(hello="running"))]
    said = run("start")
    assert (said.code, tries) == (0, 3)
    assert said.out == "1 app is up at http://127.0.0.1:5000/\n"
