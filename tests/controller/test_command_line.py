"""The boundary: help, wrong usage, faults, interrupts; also as a real process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streamlit_controls import __version__
from streamlit_controls.controller import status_view
from streamlit_controls.controller.cli import VERBS, cli
from streamlit_controls.controller.main import main
from streamlit_controls.project import CODE_ROOT, Project
from tests.controller.conftest import CommandLine
from tests.controller.fake_manager import FakeManager


def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "streamlit_controls", *arguments],
        env=os.environ | {"PYTHONPATH": str(CODE_ROOT)} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_verb() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    for verb in VERBS:
        assert f"\n  {verb} " in result.output
    assert "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the manager is not running." in (
        result.output
    )
    assert "_STREAMLIT_CONTROLLER_COMPLETE=bash_source" in result.output


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help_and_json(verb: str) -> None:
    result = CliRunner().invoke(cli, [verb, "--help"])
    assert result.exit_code == 0
    assert "--json" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"Streamlit Controller {__version__}\n"


def test_without_a_verb_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Usage: streamlit_controller" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["strat"], "there is no verb 'strat'", "did you mean start"),
        (["xyz"], "there is no verb 'xyz'", "the verbs are start, stop"),
        (["restart"], "missing argument 'APP'", "see streamlit_controller restart --help"),
        (["new"], "missing argument 'APP'", "see streamlit_controller new --help"),
        (["logs"], "missing argument 'APP'", "see streamlit_controller logs --help"),
        (["start", "a", "b"], "got unexpected extra argument", "streamlit_controller start"),
        (["stop", "a", "b"], "got unexpected extra argument", "streamlit_controller stop"),
        (["status", "a", "b"], "got unexpected extra argument", "streamlit_controller status"),
        (["refresh", "a"], "got unexpected extra argument", "streamlit_controller refresh"),
        (["doctor", "a"], "got unexpected extra argument", "streamlit_controller doctor"),
        (["status", "--jsn"], "no such option '--jsn'", "see streamlit_controller status --help"),
        (["logs", "x", "-n", "many"], "invalid value for '-n'", "streamlit_controller logs"),
        (["logs", "x", "-n", "-1"], "invalid value for '-n'", "streamlit_controller logs"),
    ],
)
def test_wrong_usage(run: CommandLine, arguments: list[str], message: str, hint: str) -> None:
    said = run(*arguments)
    assert (said.code, said.out) == (2, "")
    first, second = said.err.splitlines()
    assert first.startswith(f"Error: {message}")
    assert second.startswith("Hint: ")
    assert hint in second
    error = run(*arguments, "--json").document["error"]
    assert (error["code"], error["exit_code"]) == ("usage", 2)


def test_a_project_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", "/nowhere", "status"]) == 2
    assert "'/nowhere' does not exist" in capsys.readouterr().err


def test_the_project_may_come_from_the_environment(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAMLIT_CONTROLLER_PROJECT", str(project.root))
    with FakeManager(project):
        assert main(["status"]) == 0
    assert "hello" in capsys.readouterr().out


def fail(*_: object) -> Any:
    raise RuntimeError("nobody thought of this")


def test_a_fault_is_one_line_and_its_traceback_is_in_the_log(
    run: CommandLine, project: Project, manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_view, "lines", fail)
    said = run("status")
    assert said.code == 1
    assert said.err == (
        "Error: RuntimeError: nobody thought of this\n"
        "Hint: this is a fault of Streamlit Controller: "
        f"details are at the end of {project.controller_log}\n"
    )
    log = project.controller_log.read_text()
    assert "Traceback (most recent call last)" in log
    assert log.endswith("RuntimeError: nobody thought of this\n")


def test_a_fault_where_the_log_cannot_be_written(
    run: CommandLine, project: Project, manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.logs.touch()
    monkeypatch.setattr(status_view, "lines", fail)
    assert "its log could not be written" in run("status").err


def test_ctrl_c_is_quiet(
    run: CommandLine, manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(status_view, "lines", interrupt)
    said = run("status")
    assert (said.code, said.out, said.err.strip()) == (130, "", "")


@pytest.fixture
def before() -> Iterator[None]:
    """What SIGINT did before is what it does after."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(
    ("at_first", "then"),
    [(signal.SIG_DFL, signal.default_int_handler), (signal.SIG_IGN, signal.SIG_IGN)],
)
def test_a_verb_answers_to_ctrl_c_itself_unless_it_is_to_be_ignored(
    run: CommandLine,
    manager: FakeManager,
    monkeypatch: pytest.MonkeyPatch,
    at_first: Any,
    then: Any,
) -> None:
    seen = []

    def look(*_: object) -> list[str]:
        seen.append(signal.getsignal(signal.SIGINT))
        return []

    monkeypatch.setattr(status_view, "lines", look)
    signal.signal(signal.SIGINT, at_first)
    assert run("status").code == 0
    assert seen == [then]


def test_shells_can_complete_verbs_and_apps(project: Project) -> None:
    (project.apps / "hello").mkdir(parents=True)

    def complete(words: str) -> str:
        return call(
            _STREAMLIT_CONTROLLER_COMPLETE="bash_complete",
            STREAMLIT_CONTROLLER_PROJECT=str(project.root),
            COMP_WORDS=words,
            COMP_CWORD=str(len(words.split(" ")) - 1),
        ).stdout

    assert complete("streamlit_controller sta") == "plain,start\nplain,status\n"
    assert complete("streamlit_controller restart h") == "plain,hello\n"


def test_as_a_process(project: Project) -> None:
    with FakeManager(project):
        done = call("-C", str(project.root), "status", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["apps"]["hello"]["state"] == "running"


def test_a_reader_that_leaves_is_no_error(project: Project) -> None:
    project.logs.mkdir()
    (project.logs / "controller.log").write_text("a line that is long enough\n" * 100_000)
    command = [sys.executable, "-P", "-m", "streamlit_controls", "-C", str(project.root)]
    with subprocess.Popen(
        [*command, "logs", "controller", "-n", "100000"],
        env=os.environ | {"PYTHONPATH": str(CODE_ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 1


def test_what_a_status_imports_stays_small() -> None:
    """A status is to take under 150 ms; these are the ones that would cost the most."""
    code = (
        "import sys; from streamlit_controls.controller.main import main; "
        "main(['-C', '/tmp', 'status']); print(sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=os.environ | {"PYTHONPATH": str(CODE_ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    heavy = {"rich", "pydantic", "asyncio", "psutil", "subprocess", "traceback", "http", "tomllib"}
    loaded = {name.strip("'") for name in done.stdout.strip("[]\n").split(", ")}
    assert loaded & heavy == set()


def test_it_runs_from_anywhere(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "streamlit_controls", "--version"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(CODE_ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("Streamlit Controller")
