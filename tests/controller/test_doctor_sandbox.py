"""`doctor` says whether apps can have the sandboxes that they ask for."""

import os
from pathlib import Path

import pytest

from streamlit_controls.controller.checks import isolation
from streamlit_controls.controller.checks.check import Check, Verdict, fail, ok
from streamlit_controls.core.errors import LaunchError
from streamlit_controls.project import Project

BOXED = '{"apps": {"one": {"isolation": "sandbox"}, "two": {}}}'
FREE = '{"apps": {"two": {}}}'


def refuse() -> Path:
    raise LaunchError("the kernel allows no user namespaces", "do this")


def checks(project: Project, text: str) -> list[Check]:
    project.config_file.write_text(text)
    return list(isolation.sandbox(project))


def test_impossible_and_asked_for(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "bubblewrap", refuse)
    wanted = [fail("sandbox", "one: the kernel allows no user namespaces", "do this")]
    assert checks(project, BOXED) == wanted


@pytest.mark.parametrize("text", [FREE, "{"])
def test_impossible_and_not_asked_for(
    project: Project, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(isolation, "bubblewrap", refuse)
    [found] = checks(project, text)
    assert (found.verdict, found.hint) == (Verdict.OK, "")
    assert "the kernel allows no user namespaces" in found.message


@pytest.mark.parametrize(("account", "verdicts"), [(1000, ["ok"]), (0, ["ok", "warn"])])
def test_possible(
    project: Project, monkeypatch: pytest.MonkeyPatch, account: int, verdicts: list[str]
) -> None:
    monkeypatch.setattr(isolation, "bubblewrap", lambda: Path("/usr/bin/bwrap"))
    monkeypatch.setattr(os, "geteuid", lambda: account)
    found = checks(project, BOXED)
    assert [each.verdict for each in found] == verdicts
    assert found[0] == ok("sandbox", "is possible, by /usr/bin/bwrap")
    assert [each.verdict for each in checks(project, FREE)] == ["ok"]
