"""Verbs that have the manager do something: what they ask, show and return."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from streamlit_controls.controller import keeper_start
from streamlit_controls.controller.verbs import reload
from streamlit_controls.project import Project
from tests.controller import documents, relatives
from tests.controller.conftest import CommandLine
from tests.controller.fake_manager import (
    FakeManager,
    Message,
    failure,
    outcome,
    progress,
    reply,
)

BROKEN: dict[str, Any] = {
    "state": "failed",
    "error": "app.py, line 3: SyntaxError: '(' was never closed",
    "log": ["    st.title(", "SyntaxError: '(' was never closed"],
    "services": {},
}


def test_restart_shows_what_happens(run: CommandLine, manager: FakeManager) -> None:
    manager.answers["restart"] = [
        progress("hello", "starting", "started as pid 4711 on port 8501"),
        progress("hello", "running", "answers", service="api"),
        progress(None, "running", "routes are set"),
        progress("hello", "running"),
        reply(outcome(hello="running")),
    ]
    said = run("restart", "hello")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "hello: starting: started as pid 4711 on port 8501",
        "hello/api: running: answers",
        "routes are set",
        "hello: running",
        "hello is running at http://127.0.0.1:5000/hello/",
    ]
    assert manager.asked[0] == ("restart", {"app": "hello"})


def test_restart_of_what_fails(run: CommandLine, manager: FakeManager) -> None:
    result = {"url": documents.URL, "apps": {"hello": BROKEN}}
    manager.answers["restart"] = [
        failure("failed", "hello failed", "see ./streamlit_controller logs hello", 1, result)
    ]
    broken = documents.app("hello", 8501, state="failed", error=BROKEN["error"])
    manager.answers["status"] = [reply(documents.status({"hello": broken}))]
    said = run("restart", "hello")
    assert said.code == 1
    assert said.out == "hello is failed; http://127.0.0.1:5000/hello/ says why\n"
    assert said.err.splitlines() == [
        "hello: app.py, line 3: SyntaxError: '(' was never closed",
        "    |     st.title(",
        "    | SyntaxError: '(' was never closed",
        "Error: hello failed",
        "Hint: see ./streamlit_controller logs hello",
    ]


def test_json_is_the_reply_and_progress_goes_beside_it(
    run: CommandLine, manager: FakeManager
) -> None:
    result = {"url": documents.URL, "apps": {"hello": BROKEN}}
    manager.answers["restart"] = [
        progress("hello", "starting", "started"),
        failure("failed", "hello failed", "", 1, result),
    ]
    said = run("restart", "hello", "--json")
    assert said.code == 1
    assert said.document == {
        "ok": False,
        "error": {"code": "failed", "message": "hello failed", "hint": "", "exit_code": 1},
        "result": result,
    }
    assert said.err == "hello: starting: started\n"


@pytest.mark.parametrize("in_one_place", [True, False])
def test_restart_of_what_cannot_be_replaced_says_why_once_and_who_serves_on(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch, in_one_place: bool
) -> None:
    """Who reads errors apart reads why in both places."""
    monkeypatch.setattr(os.path, "sameopenfile", lambda *_: in_one_place)
    app = BROKEN | {"state": "running", "log": ["last words"]}
    manager.answers["restart"] = [
        progress("hello", "starting", "started as pid 4711 on port 8501"),
        progress("hello", "failed", app["error"]),
        failure(
            "failed", "hello is not well", "", 1, {"url": documents.URL, "apps": {"hello": app}}
        ),
    ]
    found = documents.app("hello", 8501, error=app["error"], generation=2)
    manager.answers["status"] = [reply(documents.status({"hello": found}))]
    said = run("restart", "hello")
    assert said.out.splitlines() == [
        "hello: starting: started as pid 4711 on port 8501",
        "hello: failed" if in_one_place else f"hello: failed: {app['error']}",
        "hello is running at http://127.0.0.1:5000/hello/; the version before serves on",
    ]
    assert said.err.splitlines() == [
        f"hello: {app['error']}",
        "    | last words",
        "Error: hello is not well",
    ]


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "sleep", "status"])
@pytest.mark.parametrize("name", ["gateway", "website", "controller"])
def test_our_own_processes_are_no_apps(
    run: CommandLine, manager: FakeManager, verb: str, name: str
) -> None:
    said = run(verb, name)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"Error: {name} is the controller's own, and no app\n"
        "Hint: it is looked after by itself; ./streamlit_controller reload runs the code on disk\n"
    )
    assert manager.asked == []


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_an_unknown_app(run: CommandLine, manager: FakeManager, verb: str) -> None:
    manager.answers[verb] = [
        failure("unknown-app", "there is no app 'helo'", "did you mean hello?", 2)
    ]
    said = run(verb, "helo")
    assert (said.code, said.out) == (2, "")
    assert said.err == "Error: there is no app 'helo'\nHint: did you mean hello?\n"
    error = run(verb, "helo", "--json").document["error"]
    assert (error["code"], error["hint"]) == ("unknown-app", "did you mean hello?")


@pytest.mark.parametrize(
    "arguments",
    [("stop",), ("stop", "hello"), ("restart", "hello"), ("refresh",), ("reload",), ("status",)],
)
def test_without_a_manager(run: CommandLine, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code == 3
    assert run(*arguments, "--json").document["error"]["exit_code"] == 3


@pytest.mark.parametrize(
    "arguments",
    [("stop", "hello"), ("restart", "hello"), ("sleep", "hello"), ("refresh",), ("status",)],
)
def test_with_processes_but_no_manager(
    run: CommandLine, project: Project, arguments: tuple[str, ...]
) -> None:
    with relatives.known(project):
        said = run(*arguments)
        error = run(*arguments, "--json").document["error"]
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "Error: 1 process of this project runs on without a manager\n"
        "Hint: ./streamlit_controller start takes them over without losing a session\n"
    )
    assert error["code"] == "unmanaged"


def test_a_manager_that_goes_away_in_the_middle(run: CommandLine, manager: FakeManager) -> None:
    manager.answers["restart"] = [progress("hello", "starting")]
    said = run("restart", "hello")
    assert said.code == 3
    assert said.err == (
        "Error: the manager went away before it answered\n"
        "Hint: ./streamlit_controller logs controller has the reason; what was asked for may go "
        "on: see ./streamlit_controller status\n"
    )


def test_stop_of_one_app(run: CommandLine, manager: FakeManager) -> None:
    manager.answers["stop"] = [reply(outcome(hello="stopped"))]
    assert run("stop", "hello").out == "hello is stopped\n"


def test_refresh_says_what_changed(run: CommandLine, manager: FakeManager) -> None:
    problem = {"path": "apps.sales.port", "message": "8499 is taken", "hint": "choose another"}
    manager.answers["refresh"] = [
        reply(
            {"added": ["a", "b"], "removed": ["c"], "changed": [], "problems": [problem]}
            | outcome(a="running")
        )
    ]
    said = run("refresh")
    assert said.out == "Added: a, b; removed: c\n"
    assert said.err == "  apps.sales.port: 8499 is taken (choose another)\n"


def test_refresh_of_nothing_new(run: CommandLine, manager: FakeManager) -> None:
    manager.answers["refresh"] = [
        reply({"added": [], "removed": [], "changed": [], "problems": []} | outcome())
    ]
    assert run("refresh").out == "Nothing has changed\n"


def test_refresh_of_a_refused_configuration(run: CommandLine, manager: FakeManager) -> None:
    refused = failure("config", "config.json has 1 problem")
    refused["error"]["problems"] = [
        {"path": "apps.sales.prot", "message": "unknown key", "hint": "did you mean port?"}
    ]
    manager.answers["refresh"] = [refused]
    said = run("refresh")
    assert said.code == 1
    assert said.err.splitlines() == [
        "Error: config.json has 1 problem",
        "  apps.sales.prot: unknown key (did you mean port?)",
    ]
    assert run("refresh", "--json").document["error"]["problems"]


def test_new_where_the_manager_runs(
    run: CommandLine, manager: FakeManager, project: Project
) -> None:
    manager.answers["status"] = [reply(documents.status({"sales": documents.app("sales", 8502)}))]
    manager.answers["refresh"] = [
        progress("sales", "running", "answers"),
        reply({"added": ["sales"], "removed": [], "changed": [], "problems": []} | outcome()),
    ]
    said = run("new", "sales")
    assert said.out.splitlines() == [
        "wrote apps/sales/app.py",
        "wrote apps/sales/requirements.txt",
        "wrote apps/sales/app.toml",
        "sales: running: answers",
        "sales is running at http://127.0.0.1:5000/sales/",
    ]
    assert ("refresh", {}) in manager.asked


def test_new_where_the_manager_does_not_take_it(run: CommandLine, manager: FakeManager) -> None:
    manager.answers["refresh"] = [failure("config", "config.json has 1 problem")]
    said = run("new", "sales")
    assert said.code == 1
    assert said.err == "Error: config.json has 1 problem\n"


def statuses(*documents_in_turn: dict[str, Any]) -> Callable[[dict[str, Any]], list[Message]]:
    """Return answers to `status`: each once, the last for good."""
    left = list(documents_in_turn)
    return lambda _: [reply(left.pop(0) if len(left) > 1 else left[0])]


def test_reload_tells_of_the_next_manager(run: CommandLine, manager: FakeManager) -> None:
    apps = documents.busy()["apps"]
    after = documents.status(apps, pid=4800, version="0.2.0")
    manager.answers["status"] = statuses(documents.status(apps), after)
    manager.answers["reload"] = [reply({"pid": 4700, "gateway": False})]
    said = run("reload")
    assert (said.code, said.err) == (0, "")
    assert said.out == "The manager runs version 0.2.0, as pid 4800; 6 processes were kept\n"
    assert ("reload", {}) in manager.asked


def test_reload_tells_what_was_lost_and_replaced(run: CommandLine, manager: FakeManager) -> None:
    gateway = documents.own(5000, 4903)
    after = documents.status({}, pid=4800, gateway=gateway)
    manager.answers["status"] = statuses(documents.status(), after)
    manager.answers["reload"] = [reply({"pid": 4700, "gateway": True})]
    assert run("reload").out == (
        "The manager runs version 0.1.0, as pid 4800; 0 of 2 processes were kept. "
        "The gateway is replaced too, as its program has changed: open tabs reconnect\n"
    )
    manager.answers["status"] = statuses(documents.status(), after)
    assert run("reload", "--json").document["result"] == {
        "version": "0.1.0",
        "pid": 4800,
        "processes": 2,
        "kept": 0,
        "gateway": True,
    }


def test_reload_of_code_that_does_not_come_up(run: CommandLine, manager: FakeManager) -> None:
    result = {"log": ["Traceback", "ImportError: no x"]}
    message = "the manager on disk does not come up: ImportError: no x"
    manager.answers["reload"] = [failure("failed", message, "mend it", 1, result)]
    said = run("reload")
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        "    | Traceback",
        "    | ImportError: no x",
        f"Error: {message}",
        "Hint: mend it",
    ]
    assert run("reload", "--json").document["result"] == result


def test_reload_where_the_old_manager_stays(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "END_SECONDS", 0.1)
    manager.answers["status"] = [reply(documents.status(pid=os.getpid()))]
    manager.answers["reload"] = [reply({"pid": os.getpid(), "gateway": False})]
    said = run("reload")
    assert said.code == 1
    assert f"the manager, pid {os.getpid()}, does not make way" in said.err


def test_reload_where_the_next_manager_does_not_come(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_start, "READY_SECONDS", 0.2)

    def leave(_: dict[str, Any]) -> list[Message]:
        manager.project.address_file.unlink()
        return [reply({"pid": 4700, "gateway": False})]

    manager.answers["reload"] = leave
    said = run("reload")
    assert said.code == 1
    assert "the next manager does not answer" in said.err
