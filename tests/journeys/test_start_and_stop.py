"""From nothing to a site, and back to nothing."""

import json
import subprocess

import psutil

from tests.journeys import scripts
from tests.journeys.project import COMMAND, SampleProject, listening


def test_start_serves_every_folder_and_stop_leaves_nothing(project: SampleProject) -> None:
    project.share_nothing()
    project.add("slider", scripts.SLIDER)
    before = project.config.read_text()

    started = project.run("start")

    assert project.url in started.stdout
    assert "slider: running: ready" in started.stdout
    assert json.loads(project.config.read_text())["apps"] == {
        "slider": {"dir": "apps/slider", "port": project.port + 3}
    }
    assert project.config.read_text().startswith(before[: before.index('"apps"')])
    assert project.get("/").status == 200
    assert "Slider" in project.get("/").body
    ports = [project.port + offset for offset in range(4)]
    assert all(listening(port) for port in ports)

    stopped = project.run("stop")

    assert "Stopped" in stopped.stdout
    assert project.processes() == []
    assert not any(listening(port) for port in ports)
    left = {path.name for path in (project.root / ".state/run").rglob("*") if not path.is_dir()}
    assert left <= {"keeper.lock", "gateway.json"}
    assert project.run("status", code=3).stderr.startswith("Error: ")


def test_a_second_start_says_that_it_runs_and_touches_nothing(site: SampleProject) -> None:
    written = site.config.stat().st_mtime_ns
    pids = {process.pid for process in site.processes()}
    again = site.run("start")
    assert "already running" in again.stdout
    assert site.url in again.stdout
    assert site.config.stat().st_mtime_ns == written
    assert {process.pid for process in site.processes()} == pids


def test_two_starts_at_once_make_one_manager(project: SampleProject) -> None:
    project.add("slider", scripts.SLIDER, app_toml=scripts.PLAIN)
    both = [
        subprocess.Popen(
            [str(COMMAND), "-C", str(project.root), "start"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [each.communicate(timeout=120)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert project.process("streamlit_controls.manager --project").is_running()
    assert project.process("streamlit_controls.keeper").is_running()


def test_sigterm_to_the_keeper_ends_everything_in_order(project: SampleProject) -> None:
    project.add("slider", scripts.SLIDER)
    project.run("start")
    processes = project.processes()
    project.process("streamlit_controls.keeper").terminate()
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert alive == []


def test_the_port_of_another_program_is_named(project: SampleProject, site: SampleProject) -> None:
    project.configure({}, website_port=site.port)
    failed = project.run("start", code=1)
    assert f"port {site.port} is taken by" in failed.stdout + failed.stderr


def test_the_manager_port_of_another_project_is_named(
    project: SampleProject, site: SampleProject
) -> None:
    project.configure({}, manager_port=site.port + 1)
    failed = project.run("start", code=1)
    assert f"port {site.port + 1} is taken by" in failed.stderr
    assert project.processes() == []
