"""The controller's image, carried out: an empty volume becomes a project, a full one is kept."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from tests.deploy.container import Container, container
from tests.deploy.image import Image, laid_out
from tests.journeys.project import CODE
from tests.support.sandboxes import needs_sandbox
from tests.support.waiting import until

CODE_IN_IMAGE = "/opt/streamlit-controller"
COMMAND = ["python3", f"{CODE_IN_IMAGE}/streamlit_controller"]
VENV = {f"{CODE_IN_IMAGE}/.state/venv": CODE / ".state/venv"}

pytestmark = needs_sandbox


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return laid_out(CODE / "Dockerfile", tmp_path_factory.mktemp("image"))


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    folder = tmp_path / "volume"
    folder.mkdir()
    return folder


def configuration(volume: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((volume / "config.json").read_text())
    return document


def test_the_image_has_the_program_and_nothing_of_this_machine(image: Image) -> None:
    files = image.files()
    assert f"{CODE_IN_IMAGE}/streamlit_controller" in files
    assert f"{CODE_IN_IMAGE}/apps/hello/app.py" in files
    folders = {path.split("/")[3] for path in files}
    assert folders <= {
        *("apps", "deploy", "requirements.lock", "streamlit_controller", "streamlit_controls"),
        *("streamlit_kit", "streamlit_site"),
    }
    assert not [path for path in files if re.search("cache__?/|_cache/|/tests/", path)]
    assert os.access(image.root / f"{CODE_IN_IMAGE}/streamlit_controller".lstrip("/"), os.X_OK)


def test_a_volume_becomes_a_project_and_lives_through_kills_and_upgrades(
    image: Image, volume: Path, tmp_path: Path
) -> None:
    volumes = {"/srv/project": volume}
    with container(image, tmp_path, stand_ins=VENV, volumes=volumes) as first:
        first.wait_healthy()
        apps = {"hello": {"dir": "apps/hello", "port": 8501}}
        until(lambda: configuration(volume) == {"host": "0.0.0.0", "apps": apps}, "the project")
        assert first.run(["id", "-u"]).stdout == "10001\n"
        assert first.run([*COMMAND, "status", "--json"]).returncode == 0
        assert first.run(["touch", f"{CODE_IN_IMAGE}/x"]).returncode, "the code is read-only"
        assert first.stop(signal.SIGKILL)

    (volume / "apps/hello/app.py").write_text("# changed by its owner\n")
    settings = tmp_path / "settings"
    settings.mkdir()
    (settings / "config.json").write_text('{"allowed_hosts": ["apps.example.com"]}')
    there = VENV | {"/settings": settings}
    chosen = {"STREAMLIT_CONTROLLER_SETTINGS": "/settings/config.json"}
    with container(image, tmp_path, stand_ins=there, volumes=volumes, variables=chosen) as second:
        second.wait_healthy()
        after = {"host": "0.0.0.0", "apps": apps, "allowed_hosts": ["apps.example.com"]}
        assert configuration(volume) == after
        assert (volume / "apps/hello/app.py").read_text() == "# changed by its owner\n"
        # A cluster's probes ask by the pod's address, whatever names the site goes by.
        hosts = {"apps.example.com": 200, "10.42.0.7:5000": 200, "evil.example.com": 421}
        assert {host: status(second, host) for host in hosts} == hosts
        assert ends_in_order(second)


def status(running: Container, host: str) -> int:
    """Return with what the site answers who asks for it by a name."""
    script = (
        "import http.client; site = http.client.HTTPConnection('127.0.0.1', 5000)\n"
        f"site.request('GET', '/healthz', headers={{'Host': {host!r}}})\n"
        "print(site.getresponse().status)"
    )
    return int(running.run(["python3", "-c", script]).stdout)


def ends_in_order(running: Container) -> bool:
    return running.stop() == 0 and "manager ends" in running.said
