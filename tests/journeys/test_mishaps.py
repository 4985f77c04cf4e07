"""What operators and machines do to a running project without meaning to."""

import json
import shutil
import signal
import socket
import threading

from tests.journeys import scripts
from tests.journeys.project import SampleProject, wait_running
from tests.support.ports import free_block
from tests.support.waiting import until


def test_an_end_by_a_signal_without_a_name_is_noticed(site: SampleProject) -> None:
    before = site.instance("slider")["pid"]
    for process in site.processes():
        if process.pid == before:
            process.send_signal(signal.SIGRTMIN + 6)
    wait_running(site, "slider", other_than=before)


def test_a_deleted_log_folder_keeps_nobody_from_coming_back(site: SampleProject) -> None:
    shutil.rmtree(site.root / "logs")
    for who in ("streamlit_site", "caddy"):
        site.process(who).kill()
    assert site.get("/").status == 200
    before = site.instance("slider")["pid"]
    site.process("/app/slider/").kill()
    wait_running(site, "slider", other_than=before)
    for app in ("pages", "service"):  # the others write to files that are gone
        site.run("restart", app)
    until(lambda: not site.status()["manager"]["problems"], "the end of all problems")


def test_a_deleted_address_is_put_back(site: SampleProject) -> None:
    for name in ("address", "token"):
        (site.root / ".state/run" / name).unlink()
    until(site.answers, "the address")


def test_a_taken_website_port_leaves_the_site_where_it_is(project: SampleProject) -> None:
    project.run("start")
    good = project.config.read_text()
    with socket.create_server(("127.0.0.1", 0)) as blocker:
        taken = blocker.getsockname()[1]
        project.configure({}, website_port=taken)
        failed = project.run("refresh", code=1)
        assert f"website_port: port {taken} is taken by" in failed.stderr
        assert project.get("/").status == 200
    moved = free_block()
    project.configure({}, website_port=moved)
    project.run("refresh")
    assert SampleProject(project.root, moved).get("/").status == 200
    project.config.write_text(good)
    project.run("refresh")
    assert project.get("/").status == 200


def test_a_misspelt_app_starts_nothing(project: SampleProject) -> None:
    project.add("slider", scripts.SLIDER)
    failed = project.run("start", "slidr", code=2)
    assert "did you mean slider?" in failed.stderr
    assert project.processes() == []


def test_a_stop_during_start_is_told_as_such(project: SampleProject) -> None:
    project.add("slow", "import time\ntime.sleep(600)\n")
    results: list[int] = []
    starting = threading.Thread(
        target=lambda: results.append(project.run("start", code=None).returncode)
    )
    starting.start()
    until(project.answers, "the manager")
    until(lambda: project.status()["apps"]["slow"]["instances"], "the process", 90)
    project.run("stop")
    starting.join(60)
    assert results == [1]


def test_capitals_in_keys_are_kept_and_lead_nowhere_else(project: SampleProject) -> None:
    project.add("Big_App", scripts.SLIDER, app_toml=scripts.PLAIN)
    project.run("start")
    assert project.get("/app/Big_App/").status == 200
    page = project.get("/app/big_app/")
    assert page.status in {200, 404}, "no endless redirect"
    project.configure({"big_app": {}, "Big_App": {}})
    failed = project.run("refresh", code=1)
    assert "in capitals only" in failed.stderr


def test_requirements_may_name_a_package_beside_them(project: SampleProject) -> None:
    folder = project.add(
        "local",
        "import mylib\nimport streamlit as st\nst.write(mylib.WORD)\n",
        requirements_txt="streamlit\n./mylib\n",
    )
    (folder / "mylib").mkdir()
    (folder / "mylib/pyproject.toml").write_text('[project]\nname = "mylib"\nversion = "1"\n')
    (folder / "mylib/mylib.py").write_text('WORD = "from beside"\n')
    project.run("start")
    assert project.status()["apps"]["local"]["error"] is None


def test_services_share_the_state_of_their_app(project: SampleProject) -> None:
    manifest = scripts.PLAIN + scripts.ECHO_MANIFEST
    folder = project.add("service", scripts.SLIDER, app_toml=manifest)
    (folder / "echo.py").write_text(scripts.ECHO_SERVICE)
    project.run("start")
    project.run("stop", "service")
    app = project.status()["apps"]["service"]
    assert (app["state"], app["services"]["echo"]["state"]) == ("stopped", "stopped")
    assert project.get("/app/service/api/", Accept="application/json").status == 503
    assert json.loads(project.run("start", "service", "--json").stdout)["ok"] is True
    assert project.get("/app/service/api/").status == 200
