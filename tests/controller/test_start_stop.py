"""`start` brings a keeper up in the background and waits; `stop` sees it gone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from streamlit_controls.client import Client
from streamlit_controls.controller import keeper_start
from streamlit_controls.controller.ending import Ending
from streamlit_controls.controller.family import Family, family
from streamlit_controls.controller.verbs import start, stop
from streamlit_controls.project import Project
from tests.controller import documents, relatives
from tests.controller.conftest import CommandLine
from tests.controller.fake_manager import FakeManager, failure, outcome, progress, reply


class Keepers:
    """The fake keepers that a test started; ended with it."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []


@pytest.fixture
def keepers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keepers]:
    keepers = Keepers()
    real = keeper_start._spawn

    def spawn(project: Project) -> tuple[subprocess.Popen[bytes], int]:
        process, ready = real(project)
        keepers.processes.append(process)
        return process, ready

    monkeypatch.setattr(keeper_start, "KEEPER", "tests.controller.fake_keeper")
    monkeypatch.setattr(keeper_start, "_spawn", spawn)
    monkeypatch.setenv("FAKE_KEEPER", "comes up")
    yield keepers
    for process in keepers.processes:
        process.terminate()
        process.wait(10)


def test_start_and_stop(run: CommandLine, keepers: Keepers, project: Project) -> None:
    said = run("start")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "hello: starting: started as pid 4711 on port 8501",
        "hello: running: answers",
        "1 app is up at http://127.0.0.1:5000/",
    ]
    [process] = keepers.processes
    assert os.getsid(process.pid) == process.pid
    assert process.poll() is None

    again = run("start")
    assert again.code == 0
    assert again.out == "Streamlit Controller is already running at http://127.0.0.1:5000/\n"
    assert len(keepers.processes) == 1

    end = run("stop")
    assert (end.code, end.out) == (0, "hello: stopped\nStopped: 3 processes\n")
    assert os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    assert not project.address_file.exists()
    assert run("stop").code == 3


def test_start_as_json(run: CommandLine, keepers: Keepers) -> None:
    said = run("start", "--json")
    assert said.document == {"ok": True, "result": outcome(hello="running")}
    assert "hello: running: answers" in said.err
    assert run("start", "--json").document["result"]["already_running"] is True
    assert run("stop", "--json").document == {"ok": True, "result": {"stopped": 3}}


def test_a_keeper_that_dies_leaves_its_last_words(
    run: CommandLine, keepers: Keepers, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.logs.mkdir()
    project.controller_log.write_text("of yesterday\n")
    monkeypatch.setenv("FAKE_KEEPER", "dies")
    said = run("start")
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        "    | ImportError: no module named manager",
        "Error: the manager ended at once",
        f"Hint: see {project.controller_log}",
    ]
    assert run("start", "--json").document["error"]["code"] == "manager-died"


def test_a_configuration_that_is_refused(
    run: CommandLine, keepers: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = {"path": "apps.sales.port", "message": "8499 is taken", "hint": ""}
    error = {
        "code": "config",
        "message": "config.json has 1 problem",
        "hint": "",
        "exit_code": 1,
        "problems": [problem],
    }
    monkeypatch.setenv("FAKE_KEEPER", json.dumps(error))
    said = run("start")
    assert said.code == 1
    assert said.err.splitlines() == [
        "Error: config.json has 1 problem",
        "  apps.sales.port: 8499 is taken",
    ]
    assert run("start", "--json").document["error"]["problems"] == [problem]


def test_the_second_of_two_at_once_waits_for_the_first(
    run: CommandLine, keepers: Keepers, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody answers at first; the keeper says that another holds the lock; then it answers."""
    error = {"code": "already-running", "message": "it is running already"}
    monkeypatch.setenv("FAKE_KEEPER", json.dumps(error))
    with FakeManager(project, start=[reply(outcome(hello="running"))]) as manager:
        address = project.address_file.read_text()
        project.address_file.unlink()

        def pause(_: float) -> None:
            project.address_file.write_text(address)

        monkeypatch.setattr(time, "sleep", pause)
        said = run("start")
    assert said.code == 0
    assert said.out == "Streamlit Controller is already running at http://127.0.0.1:5000/\n"
    assert manager.asked == [("status", {}), ("start", {})]


def test_a_start_elsewhere_that_hangs(
    run: CommandLine, keepers: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_KEEPER", '{"code": "already-running", "message": "it is"}')
    monkeypatch.setattr(keeper_start, "READY_SECONDS", 0.5)
    said = run("start")
    assert said.code == 1
    assert "is being started elsewhere" in said.err


def test_start_of_one_app_where_it_runs(run: CommandLine, manager: FakeManager) -> None:
    manager.answers["start"] = [progress("hello", "running"), reply(outcome(hello="running"))]
    said = run("start", "hello")
    assert said.out.splitlines()[-1] == "hello is running at http://127.0.0.1:5000/hello/"
    assert ("start", {"app": "hello"}) in manager.asked


def test_what_failed_is_said_with_the_address(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    result = outcome(hello="running", broken="failed", sales="sleeping")
    result["apps"]["broken"] |= {"error": "app.py is not there", "log": ["last words"]}
    manager.answers["start"] = [failure("failed", "1 app failed: broken", "see its log", 1, result)]
    monkeypatch.setattr(start, "running", lambda _: (Client.for_project(project), ""))
    said = run("start")
    assert said.code == 1
    assert said.out == "2 of 3 apps are up at http://127.0.0.1:5000/\n"
    assert said.err.splitlines() == [
        "broken: app.py is not there",
        "    | last words",
        "Error: 1 app failed: broken",
        "Hint: see its log",
    ]


def test_a_site_without_apps(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    manager.answers["start"] = [reply(outcome())]
    monkeypatch.setattr(start, "running", lambda _: (Client.for_project(project), ""))
    assert "no apps yet: ./streamlit_controller new APP" in run("start").out


def test_ctrl_c_leaves_the_manager_running_and_says_so(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "running", lambda _: (Client.for_project(project), ""))
    monkeypatch.setattr(start, "carry_out", interrupted)
    said = run("start")
    assert said.code == 130
    assert "Hint: the start goes on in the background: see ./streamlit_" in said.err


def test_stop_of_a_manager_that_does_not_end(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stubborn:
        manager.answers["status"] = [reply(documents.status(pid=stubborn.pid))]
        manager.answers["shutdown"] = [reply({"stopped": 1})]
        monkeypatch.setattr(stop, "END_SECONDS", 0.05)
        said = run("stop")
        stubborn.communicate(timeout=10)
    assert said.code == 1
    assert f"the manager, pid {stubborn.pid}, stopped all apps but does not end" in said.err


def test_stop_of_what_runs_without_a_manager(
    run: CommandLine, keepers: Keepers, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that adopts it is started, and ends it in order."""
    with relatives.known(project) as (pid, _):
        adopted = family(project)
        looks = iter([adopted, Family()])
        monkeypatch.setattr(stop, "family", lambda _: next(looks))
        said = run("stop")
    assert adopted.children == {pid}
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "What runs has no manager: one is started, to end it in order",
        "hello: stopped",
        "Stopped: 3 processes",
    ]
    [process] = keepers.processes
    assert process.wait(10) == 0


def test_stop_tells_what_has_not_ended(
    run: CommandLine, keepers: Keepers, project: Project
) -> None:
    with relatives.listening(relatives.marked(project)) as (pid, _):
        said = run("stop")
    assert said.code == 1
    assert "1 process of this project did not end" in said.err
    assert said.err.endswith(f"Hint: end them: kill {pid}\n")


def test_stop_of_what_no_manager_comes_up_for(
    run: CommandLine, keepers: Keepers, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_KEEPER", "dies")
    with relatives.listening(relatives.marked(project)):
        said = run("stop", "--json")
    assert said.code == 1
    assert said.document["error"]["code"] == "manager-died"


def test_an_end_is_seen() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        with Ending(process.pid) as ending:
            assert not ending.wait(0)
            process.communicate(timeout=10)
            assert ending.wait(10)
        with Ending(process.pid) as gone:
            assert gone.wait(0)
