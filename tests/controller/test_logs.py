"""`logs` shows the log of whatever has one, with or without a manager."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from streamlit_controls.controller.verbs import logs
from streamlit_controls.project import Project
from tests.controller.conftest import CommandLine


@pytest.fixture(autouse=True)
def written(project: Project) -> None:
    project.logs.mkdir()
    project.config_file.write_text('{"apps": {"hello": {}}}')
    (project.apps / "media-explorer").mkdir(parents=True)
    for name in ("hello", "media-explorer", "media-explorer.media-server", "controller"):
        text = "".join(f"{name} {number}\n" for number in range(200))
        (project.logs / f"{name}.log").write_text(text)


def test_the_last_100_lines(run: CommandLine) -> None:
    said = run("logs", "hello")
    assert said.code == 0
    assert said.out.splitlines() == [f"hello {number}" for number in range(100, 200)]


def test_as_many_as_wanted_over_pieces(run: CommandLine, project: Project) -> None:
    (project.logs / "hello.log.1").write_text("before\n")
    assert run("logs", "hello", "-n", "2").out == "hello 198\nhello 199\n"
    assert run("logs", "hello", "-n", "999").out.startswith("before\nhello 0\n")
    assert run("logs", "hello", "-n", "0").out == ""


def test_a_service_and_our_own(run: CommandLine) -> None:
    said = run("logs", "media-explorer", "--service", "media-server", "-n", "1")
    assert said.out == "media-explorer.media-server 199\n"
    assert run("logs", "controller", "-n", "1").out == "controller 199\n"


def test_json_is_a_document_a_line(run: CommandLine) -> None:
    lines = run("logs", "hello", "-n", "2", "--json").out.splitlines()
    assert json.loads(lines[0]) == {"app": "hello", "service": None, "line": "hello 198"}


def test_a_log_that_is_not_there_yet(run: CommandLine) -> None:
    said = run("logs", "website")
    assert (said.code, said.out) == (0, "")
    assert said.err.endswith("website.log is not there yet\n")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["helo"], "there is no app 'helo'", "did you mean hello?"),
        (["zzz"], "there is no app 'zzz'", "there are: hello, media-explorer, controller"),
        (["../config"], "there is no app '../config'", "there are: "),
        (
            ["media-explorer", "--service", "media-sever"],
            "media-explorer has no service 'media-sever' with a log",
            "did you mean media-server?",
        ),
        (["hello", "--service", "x"], "hello has no service 'x' with a log", "it has none"),
        (["media-explorer", "--service", "x"], "media-explorer has no", "media-server"),
    ],
)
def test_names_that_nothing_has(
    run: CommandLine, arguments: list[str], message: str, hint: str
) -> None:
    said = run("logs", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"Error: {message}")
    assert hint in said.err


def test_following_ends_quietly(
    run: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def follow(path: Path, lines: int) -> Generator[str, None, None]:
        yield f"{path.name} {lines}"
        raise KeyboardInterrupt

    monkeypatch.setattr(logs, "follow", follow)
    said = run("logs", "hello", "-f", "-n", "7")
    assert (said.code, said.out) == (130, "hello.log 7\n")
    assert said.err.strip() == ""


def test_a_log_of_another_account(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def tail(path: Path, _: int) -> Generator[str, None, None]:
        yield "the first line"
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(logs, "tail", tail)
    said = run("logs", "hello")
    assert (said.code, said.out) == (1, "the first line\n")
    assert said.err.endswith(
        "hello.log cannot be read by this account\nHint: use the one that started it\n"
    )


def test_a_log_that_cannot_be_read(run: CommandLine, project: Project) -> None:
    (project.logs / "website.log").mkdir()
    said = run("logs", "website")
    assert said.code == 1
    assert said.err.startswith("Error: Is a directory: ") or "Is a directory" in said.err
