"""Projects that several journeys share."""

from collections.abc import Iterator

import pytest

from tests.journeys import scripts
from tests.journeys.project import SampleProject


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/journeys" in str(item.path):
            item.add_marker("journey")


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A project of one test's own, without apps."""
    project = SampleProject.make(tmp_path_factory.mktemp("own") / "project")
    yield project
    project.end()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A running project with a slider, pages and an app with a service."""
    project = SampleProject.make(tmp_path_factory.mktemp("site") / "project")
    project.add("slider", scripts.SLIDER)
    project.add("pages", scripts.PAGES)
    folder = project.add("service", scripts.SLIDER, app_toml=scripts.ECHO_MANIFEST)
    (folder / "echo.py").write_text(scripts.ECHO_SERVICE)
    try:
        project.run("start")
        yield project
    finally:
        project.end()
