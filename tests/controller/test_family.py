"""A project's own processes are known by what is written down, by their mark, by their command."""

import os
from typing import Any

import pytest

from streamlit_controls.controller.family import Family, family
from streamlit_controls.project import Project
from tests.controller import relatives


def test_nobody(project: Project) -> None:
    assert family(project) == Family()
    assert not family(project).is_abandoned


def test_who_is_written_down(project: Project) -> None:
    with relatives.listening({}) as (pid, _):
        relatives.write_down(project, pid, relatives.birth(pid))
        assert family(project) == Family(children=frozenset({pid}), known=frozenset({pid}))
        assert family(project).is_abandoned
        relatives.write_down(project, pid, relatives.birth(pid) - 1)
        assert family(project).children == set(), "the pid is somebody else's by now"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"replicas": null}',
        '{"replicas": "abc"}',
        '{"replicas": [{"instance": 1}]}',
        '{"replicas": [{"instance": {"pid": "1", "birth": []}}]}',
        '{"replicas": [{"instance": {"pid": -7, "birth": 1}}]}',
        '{"replicas": [{"instance": {"pid": 1e999, "birth": null}}]}',
        '{"replicas": [{"instance": {"pid": 1, "birth": null}}]}',
        "[" * 100_000,
        "\0\ufffd",
    ],
)
def test_whatever_is_written_down(project: Project, text: str) -> None:
    project.run.mkdir(parents=True)
    project.state_file.write_text(text)
    assert family(project) == Family()


def test_who_bears_the_mark(project: Project) -> None:
    other = Project(project.root / "other")
    with relatives.listening(relatives.marked(project)) as (pid, _):
        assert family(project).children == {pid}
        assert family(other) == Family()
    with relatives.listening({"HOME": relatives.marked(project)["HOME"]}):
        assert family(project) == Family(), "it only works there"


def test_keeper_manager_and_site(project: Project) -> None:
    with relatives.called(project, "streamlit_site") as site:
        assert family(project) == Family(children=frozenset({site}))
        with relatives.called(project, "streamlit_controls.manager") as manager:
            with relatives.called(project, "streamlit_controls.keeper") as keeper:
                assert family(project) == Family(keeper, manager, frozenset({site}))
            assert not family(project).is_abandoned
            assert family(project).pids == {manager, site}


def test_itself_is_none(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where an app asks how all is doing."""
    marked: dict[str, Any] = relatives.marked(project)
    with relatives.listening(marked) as (pid, _):
        monkeypatch.setattr(os, "getpid", lambda: pid)
        assert family(project) == Family()
