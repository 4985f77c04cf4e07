"""A project in a temporary folder, and the command line for it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls.controller.main import main
from streamlit_controls.project import Project
from tests.controller.fake_manager import FakeManager


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    """Runs commands for one project, in this process."""

    def __init__(self, project: Project, capture: pytest.CaptureFixture[str]) -> None:
        self.project = project
        self._capture = capture

    def __call__(self, *arguments: str) -> Said:
        self._capture.readouterr()
        code = main(["-C", str(self.project.root), *arguments])
        out, err = self._capture.readouterr()
        return Said(code, out, err)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path.resolve())


@pytest.fixture
def run(project: Project, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(project, capsys)


@pytest.fixture
def manager(project: Project) -> Iterator[FakeManager]:
    with FakeManager(project) as fake:
        yield fake
