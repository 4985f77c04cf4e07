"""What one app can see, change and leave behind: in a sandbox next to nothing, else little."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.journeys.project import SampleProject, wait_running
from tests.support.sandboxes import needs_sandbox
from tests.support.streamlit_client import StreamlitClient
from tests.support.waiting import until

LOOK = '''
import atexit, json, os, signal, subprocess, sys
from pathlib import Path
import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
MARK = b"A_SECRET_OF_THE_OPERATOR"

def attempt(what, *arguments):
    try:
        return bool(what(*arguments)) or "empty"
    except Exception as error:
        return type(error).__name__

def others():
    """Processes whose variables can be read and tell the operator's secret."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                if MARK in (each / "environ").read_bytes():
                    found.append(each.name)
            except OSError:
                pass
    return found

def write(path):
    with open(path / "written", "a") as file:
        file.write("x")
    return True

def reads():
    secret, manager = ROOT / "apps/neighbour/secret.txt", st.query_params["manager"]
    root_of_manager = Path(f"/proc/{manager}/root")
    return {
        "token": attempt((ROOT / ".state/run/token").read_text),
        "config.json": attempt((ROOT / "config.json").read_text),
        "another app": attempt(secret.read_text),
        "through another process": attempt((root_of_manager / str(secret)[1:]).read_text),
        "logs": attempt(os.listdir, ROOT / "logs"),
        "apps": attempt(os.listdir, ROOT / "apps"),
        "another's home": attempt(os.listdir, ROOT / ".state/homes/neighbour"),
        "environments": attempt(os.listdir, ROOT / ".state/envs"),
        "variables of others": attempt(others),
        "signals to others": attempt(os.kill, int(manager), 0),
    }

def writes():
    folder, home = Path(__file__).parent, Path.home()
    return {
        "own folder": attempt(write, folder),
        "writable": attempt(write, folder / "data"),
        "home": attempt(write, home),
        "cache": attempt(write, Path(os.environ["CACHE_DIR"])),
        "temporary": attempt(write, Path("/tmp")),
        "project": attempt(write, ROOT),
        "environment": attempt(write, Path(sys.prefix)),
        "system": attempt(write, Path("/etc")),
        "kernel": attempt(open, "/proc/sys/vm/swappiness", "w"),
    }

def surroundings():
    return {
        "home": [str(Path.home()), os.path.expanduser("~"), oct(Path.home().stat().st_mode)[-3:]],
        "variables": {name: value for name, value in os.environ.items() if "XDG" in name
            or name.startswith(("A_SECRET", "PASSED", "STREAMLIT_CONTROLLER"))},
        "streamlit": st.get_option("secrets.files"),
        "secrets": [st.secrets["own"], st.secrets["of_home"]],
    }

def daemon():
    """Start a process that leaves this one's group, and see to it that a good end is seen."""
    subprocess.run([sys.executable, "-c", """
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        time.sleep(600)
""", "daemon-of-" + os.environ["STREAMLIT_CONTROLLER_APP"]])
    return True

@st.cache_resource
def note_the_end():
    atexit.register((Path.home() / "ended").write_text, "in order")

note_the_end()
if "case" in st.query_params:
    st.text(json.dumps(globals()[st.query_params["case"]]()))
'''
ECHO = """
import json, os
from pathlib import Path

async def app(scope, receive, send):
    if scope["type"] == "http":
        token = Path(__file__).resolve().parents[2] / ".state/run/token"
        answer = json.dumps([os.environ["HOME"], token.exists(), os.getpid()])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer.encode()})
"""
BOXED = """
isolation = "sandbox"
writable = ["data"]

[services.echo]
asgi = "echo:app"
mount = "api"

[services.files]
command = ["python", "-m", "http.server", "{port}", "--bind", "{host}"]
mount = "files"
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A running project with an app in a sandbox and a neighbour without, and an operator's shell.

    The neighbour is forked of a zygote.
    """
    project = SampleProject.make(
        tmp_path_factory.mktemp("isolation") / "project", pass_env=["PASSED_*"]
    )
    project.share_nothing()
    folder = project.add("boxed", LOOK, app_toml=BOXED)
    (folder / "echo.py").write_text(ECHO)
    folder = project.add("neighbour", LOOK)
    (folder / "secret.txt").write_text("secret")
    variables = {"A_SECRET_OF_THE_OPERATOR": "1", "PASSED_ON": "2", "XDG_CONFIG_HOME": "/x"}
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            project.run("start")
        yield project
    finally:
        project.end()


def home(project: SampleProject, app: str) -> Path:
    return project.root / ".state/homes" / app


def look(project: SampleProject, app: str, case: str) -> Any:
    """Return what an app finds out."""
    manager = project.status()["manager"]["pid"]
    with StreamlitClient(f"{project.url}app/{app}/") as visitor:
        return json.loads(visitor.run(query_string=f"case={case}&manager={manager}")[-1])


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


HIDDEN = "FileNotFoundError"


@needs_sandbox
def test_a_sandbox_hides_all_that_is_not_the_app_s(lab: SampleProject) -> None:
    assert look(lab, "boxed", "reads") == {
        "token": HIDDEN,
        "config.json": HIDDEN,
        "another app": HIDDEN,
        "through another process": HIDDEN,
        "logs": "empty",
        "apps": True,
        "another's home": HIDDEN,
        "environments": True,
        "variables of others": "empty",
        "signals to others": "ProcessLookupError",
    }


@needs_sandbox
def test_a_sandbox_keeps_all_as_it_is(lab: SampleProject) -> None:
    found = look(lab, "boxed", "writes")
    assert found.pop("kernel") in {"OSError", "PermissionError"}, (
        "the latter where it is not root's"
    )
    assert found == {
        "own folder": "OSError",
        "writable": True,
        "home": True,
        "cache": True,
        "temporary": True,
        "project": "OSError",
        "environment": "OSError",
        "system": "OSError",
    }
    assert (lab.root / "apps/boxed/data/written").read_text() == "x"
    assert (home(lab, "boxed") / "written").read_text() == "x"
    assert not Path("/tmp/written").exists()


def test_without_one_the_same_look_finds_everything(lab: SampleProject) -> None:
    assert set(look(lab, "neighbour", "reads").values()) == {True, "empty"}
    assert look(lab, "neighbour", "reads")["variables of others"] is True


@pytest.mark.parametrize("app", [pytest.param("boxed", marks=needs_sandbox), "neighbour"])
def test_each_has_a_home_and_variables_of_its_own(lab: SampleProject, app: str) -> None:
    folders = (home(lab, app), lab.root / "apps" / app)
    for folder, name in zip(folders, ("of_home", "own"), strict=True):
        (folder / ".streamlit").mkdir(exist_ok=True)
        (folder / ".streamlit/secrets.toml").write_text(f'{name} = "{app}"\n')
    found = look(lab, app, "surroundings")
    assert found == {
        "home": [str(folders[0]), str(folders[0]), "700"],
        "variables": {
            "STREAMLIT_CONTROLLER_INSTANCE": lab.instance(app)["id"],
            "STREAMLIT_CONTROLLER_APP": app,
            "PASSED_ON": "2",
        },
        "streamlit": [str(folder / ".streamlit/secrets.toml") for folder in folders],
        "secrets": [app, app],
    }
    assert lab.instance(app)["forked"] == (app == "neighbour")


@needs_sandbox
def test_its_services_are_in_sandboxes_too(lab: SampleProject) -> None:
    assert json.loads(lab.get("app/boxed/api/").body) == [str(home(lab, "boxed")), False, 2]
    assert "echo.py" in lab.get("app/boxed/files/").body
    assert lab.get("app/boxed/files/%2e%2e/%2e%2e/config.json").status == 404


@needs_sandbox
def test_it_is_measured_restarted_put_to_sleep_and_woken(lab: SampleProject) -> None:
    first = lab.instance("boxed")
    assert first["rss_bytes"] > 30_000_000, "that of the process inside"
    lab.run("restart", "boxed")
    second = wait_running(lab, "boxed", other_than=first["pid"])
    assert lab.run("sleep", "boxed").returncode == 0
    until(lambda: lab.status()["apps"]["boxed"]["state"] == "sleeping", "its sleep")
    assert look(lab, "boxed", "surroundings")["home"][0] == str(home(lab, "boxed"))
    wait_running(lab, "boxed", other_than=second["pid"])


@needs_sandbox
@pytest.mark.parametrize("which", [0, -1])
def test_killed_outside_or_inside_it_is_back_and_nothing_is_left(
    lab: SampleProject, which: int
) -> None:
    look(lab, "boxed", "daemon")
    before = family(lab.instance("boxed")["pid"])
    app = next(each for each in before if "page.py" in " ".join(each.cmdline()[:2]))
    (before[0], app)[which].kill()
    wait_running(lab, "boxed", other_than=before[0].pid)
    assert not [each for each in before if each.is_running() and each.status() != "zombie"]


@needs_sandbox
def test_what_was_adopted_sleeps_and_stops_in_order(lab: SampleProject) -> None:
    look(lab, "boxed", "daemon")
    before = lab.instance("boxed")
    manager = lab.status()["manager"]["pid"]
    os.kill(manager, signal.SIGKILL)
    until(lab.answers, "another manager")
    assert lab.status()["manager"]["pid"] != manager
    assert lab.instance("boxed")["pid"] == before["pid"]
    everybody = family(before["pid"])
    assert any("daemon-of-boxed" in each.cmdline() for each in everybody)
    (home(lab, "boxed") / "ended").unlink(missing_ok=True)
    lab.run("stop", "boxed")
    assert (home(lab, "boxed") / "ended").read_text() == "in order"
    assert not [each for each in everybody if each.is_running() and each.status() != "zombie"]
    lab.run("start", "boxed")
