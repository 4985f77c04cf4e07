"""Commands that cross each other, what a killed project leaves behind, and clocks that jump."""

import ast
import itertools
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from streamlit_controls.client import Client
from streamlit_controls.core.errors import ManagerNotRunning, RemoteError
from streamlit_controls.core.lifecycle import State
from streamlit_controls.project import Project
from tests.journeys.project import CODE, COMMAND, SampleProject
from tests.manager.fake_engine import World
from tests.support.samples import unit
from tests.support.waiting import until

PATIENCE = 60.0
KEEPER, MANAGER = "streamlit_controls.keeper", "streamlit_controls.manager --project"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A project without apps: it starts and stops within a second."""
    project = SampleProject.make(tmp_path_factory.mktemp("bare") / "project")
    yield project
    project.end()


class Command:
    """A verb that runs while other things happen."""

    def __init__(self, project: SampleProject, *words: str) -> None:
        self._process = subprocess.Popen(
            [str(COMMAND), "-C", str(project.root), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.pid = self._process.pid

    def result(self) -> tuple[int, str]:
        said = self._process.communicate(timeout=120)[0]
        return self._process.returncode, said


def status(project: SampleProject) -> dict[str, Any] | None:
    try:
        return Client.for_project(Project(project.root)).request("status")
    except ManagerNotRunning:
        return None


def runs_whole(project: SampleProject) -> None:
    """See that everything is there once, and answers."""
    assert project.get("/").status == 200
    for word in (KEEPER, MANAGER, "streamlit_site", "caddy"):
        project.process(word)  # which is there once
    found = status(project)
    assert found is not None
    assert not found["manager"]["leaving"]


def keepers(project: SampleProject) -> set[int]:
    found = [each for each in project.processes() if KEEPER in " ".join(each.info["cmdline"])]
    return {each.pid for each in found}


def test_starts_at_once_make_one_of_each(bare: SampleProject) -> None:
    results = [each.result() for each in [Command(bare, "start") for _ in range(4)]]
    assert [code for code, _ in results] == [0] * 4, results
    runs_whole(bare)


def test_a_start_while_the_keeper_is_about_to_end(bare: SampleProject) -> None:
    """The manager is gone, and nobody else may keep the project yet."""
    bare.run("start")
    keeper = bare.process(KEEPER)
    keeper.suspend()
    stop = Command(bare, "stop")
    until(lambda: not (bare.root / ".state/run/address").exists(), "the manager's end", PATIENCE)
    start = Command(bare, "start")
    until(lambda: keepers(bare) - {keeper.pid}, "a keeper that finds the other", PATIENCE)
    keeper.resume()
    assert stop.result()[0] == 0
    code, said = start.result()
    assert (code, "already running" in said) == (0, False), said
    runs_whole(bare)


@pytest.mark.parametrize("delay", [0.0, 0.4])
def test_whatever_the_order_nothing_is_half(bare: SampleProject, delay: float) -> None:
    """A stop, and a start so much later: it is all there, or nothing is and the start says so."""
    bare.run("start")
    stop = Command(bare, "stop")
    threading.Event().wait(delay)
    code, said = Command(bare, "start").result()
    assert stop.result()[0] == 0
    if status(bare) is not None:
        assert code == 0, said
        runs_whole(bare)
    else:
        assert "already running" in said or "everything is being stopped" in said
        assert bare.processes() == []


def test_two_stops_at_once(bare: SampleProject) -> None:
    bare.run("start")
    results = [each.result() for each in [Command(bare, "stop") for _ in range(3)]]
    assert {code for code, _ in results} <= {0, 3}, results
    assert 0 in {code for code, _ in results}
    assert bare.processes() == []


def test_a_stop_during_a_start(bare: SampleProject) -> None:
    start = Command(bare, "start")
    until(lambda: status(bare), "the manager", PATIENCE)
    code, said = Command(bare, "stop").result()
    assert code == 0, said
    started, told = start.result()
    assert started == 0 or "everything is being stopped" in told, told
    assert bare.processes() == []


def kill_all(project: SampleProject) -> None:
    """Kill everything at once, as a machine does that loses its power."""
    processes = project.processes()
    for process in processes:
        process.suspend()
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=PATIENCE)
    until(lambda: not project.processes(), "the end of everything", PATIENCE)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that nobody here may touch; it leads a group of its own, as instances do."""
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as process:
        yield process
        process.kill()


def with_the_pid_of(bystander: int, text: str) -> str:
    """As if the kernel had given the number to somebody else."""
    state = json.loads(text)
    assert state["replicas"]
    for replica in state["replicas"]:
        replica["instance"]["pid"] = bystander
    return json.dumps(state)


def half(_: int, text: str) -> str:
    return text[: len(text) // 2]


def test_what_a_killed_project_leaves_behind_misleads_nobody(
    bare: SampleProject, bystander: subprocess.Popen[bytes]
) -> None:
    run = bare.root / ".state/run"
    bare.run("start")
    for change in (with_the_pid_of, half):
        text = (run / "state.json").read_text()
        left = [(run / name).read_text() for name in ("address", "token")]
        kill_all(bare)
        assert [(run / name).read_text() for name in ("address", "token")] == left
        (run / "state.json").write_text(change(bystander.pid, text))
        if change is half:
            (run / "token").write_bytes(b"\xff\xfe")
            (run / "address").write_text("nowhere")
        said = bare.run("start").stdout
        assert "already running" not in said
        runs_whole(bare)
        assert bystander.poll() is None, "a process with the same pid is not the same process"


def test_a_line_of_before_a_stop_is_worth_nothing_after_it(bare: SampleProject) -> None:
    bare.run("start")
    old = Client.for_project(Project(bare.root))
    bare.run("stop")
    bare.run("start")
    with pytest.raises(RemoteError) as refused:
        old.request("shutdown")
    assert refused.value.code == "unauthorized"
    runs_whole(bare)


def test_a_restart_and_a_stop_at_once_say_who_lost(busy: SampleProject) -> None:
    client = Client.for_project(Project(busy.root))
    replies: dict[str, Any] = {}

    def ask(verb: str) -> None:
        *_, replies[verb] = client.call(verb, app="brief")

    asking = [threading.Thread(target=ask, args=(verb,)) for verb in ("restart", "stop")]
    for each in asking:
        each.start()
    for each in asking:
        each.join(PATIENCE)
    state = client.request("status")["apps"]["brief"]["state"]
    words = {verb: reply["ok"] or reply["error"]["message"] for verb, reply in replies.items()}
    assert (state, words) in [
        ("stopped", {"restart": "brief was stopped meanwhile", "stop": True}),
        ("running", {"restart": True, "stop": "brief was started again meanwhile"}),
        ("running", {"restart": True, "stop": True}),  # one was done before the other came
        ("stopped", {"restart": True, "stop": True}),
    ]
    assert client.request("start", app="brief")["apps"]["brief"]["state"] == "running"


WALL_CLOCK = {"time.time", "time.time_ns", "time.localtime", "time.ctime", "time.strftime"}
SHOWN = {
    "streamlit_controls/keeper/process.py": "in lines of the log",
    "streamlit_controls/manager/daemon.py": "when the manager started",
    "streamlit_controls/manager/launcher.py": "when an instance started",
    "streamlit_controls/manager/metrics.py": "a process's share of the processor",
}
"""Where the wall clock is looked at, and what for: nothing but to be shown."""


def looks_at_the_wall_clock(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {
        f"{node.module}.{each.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    return bool((names | imported) & WALL_CLOCK) or any(
        "datetime" in each for each in names | imported
    )


def test_nothing_is_decided_by_a_clock_that_people_set() -> None:
    """What is decided goes by the seconds since boot, or by a clock that only runs forward."""
    found = {
        str(path.relative_to(CODE))
        for folder in ("core", "manager", "keeper")
        for path in (CODE / "streamlit_controls" / folder).rglob("*.py")
        if looks_at_the_wall_clock(path)
    }
    assert found <= SHOWN.keys()
    assert "streamlit_controls/manager/launcher.py" in found, "the test looks at nothing"


def test_a_history_in_seconds_since_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash, a wait, a restart, a drain and a sleep while the wall clock makes leaps."""
    leaps = itertools.cycle([0.0, 4e9, -1e6])
    for name in ("time", "time_ns"):
        monkeypatch.setattr(time, name, lambda: next(leaps))
    it = World(unit(drain_timeout=60, idle_timeout=600))
    it.engine.now = 100.0  # booted a moment ago
    it.wish()
    it.up(1)
    it.passes(5)
    it.exited(1)
    assert it.states() == {1: State.BUILDING}, "a first crash is made good at once"
    it.up(1)
    it.exited(1)
    assert it.states() == {1: State.BACKOFF}, "a second one within seconds is not"
    it.passes(10)
    it.up(1)
    it.reported(1, sessions=1, used_at=it.engine.now)
    it.restart("hello")
    it.up(2)
    assert it.states() == {1: State.DRAINING, 2: State.RUNNING}
    it.passes(59)
    assert not it.heard("terminate")
    it.passes(2)
    assert it.heard("terminate") == [1]
    it.exited(1)
    it.reported(2, sessions=0, used_at=it.engine.now)
    it.passes(599)
    assert not it.heard("nap")
    it.passes(2)
    assert it.heard("nap") == [2]
