"""Projects that are put to the test, and what tells what becomes of them."""

from collections.abc import Iterator

import pytest

from tests.faults import scripts
from tests.faults.installed import Installed, install
from tests.journeys.conftest import project, site
from tests.journeys.project import SampleProject

__all__ = ["busy", "installed", "project", "site"]

LAST = {"test_memory.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = [place for place, item in enumerate(items) if "tests/faults" in str(item.path)]
    # An app is old enough for its memory to be judged only when it has run for a minute.
    ours = sorted((items[place] for place in places), key=lambda item: item.path.name in LAST)
    for place, item in zip(places, ours, strict=True):
        item.add_marker("journey")
        items[place] = item


@pytest.fixture(scope="package")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A running project for load: `one` and `two` with services, and two special ones.

    `brief` drains briefly, `hungry` may use 200 MB of memory. Whoever breaks something mends it.
    """
    project = SampleProject.make(tmp_path_factory.mktemp("busy") / "project")
    for key in ("one", "two"):
        folder = project.add(key, scripts.COUNTER, app_toml=scripts.SERVICE_MANIFEST)
        (folder / "served.py").write_text(scripts.SERVICE)
    project.add("brief", scripts.COUNTER, app_toml='drain_timeout = "2s"\n')
    project.add("hungry", scripts.HUNGRY, app_toml='memory_limit = "200M"\n')
    try:
        project.run("start")
        yield project
    finally:
        project.end()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A running project, run by a copy of the code that a test may break; it mends it."""
    with install(tmp_path_factory.mktemp("installed")) as project:
        yield project
