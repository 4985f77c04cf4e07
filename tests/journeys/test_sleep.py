"""Apps that sleep cost no process, and whoever opens one finds it there."""

import json
import select
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from tests.journeys import scripts
from tests.journeys.project import SampleProject
from tests.support.streamlit_client import StreamlitClient
from tests.support.waiting import until

VISITORS = 50

LARGE_BYTES = 60_000_000
LARGE = f"""
import streamlit as st
st.download_button("Download", bytes({LARGE_BYTES}))
"""


@pytest.fixture(scope="module")
def sleeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A running project with a slider, one with a service, and one that sleeps soon."""
    project = SampleProject.make(tmp_path_factory.mktemp("sleep") / "project")
    project.add("slider", scripts.SLIDER)
    folder = project.add("service", scripts.SLIDER, app_toml=scripts.ECHO_MANIFEST)
    (folder / "echo.py").write_text(scripts.ECHO_SERVICE)
    project.add("tired", scripts.SLIDER, app_toml='idle_timeout = "1s"\n')
    try:
        project.run("start")
        yield project
    finally:
        project.end()


def state(project: SampleProject, app: str) -> str:
    return str(project.status()["apps"][app]["state"])


def asleep(project: SampleProject, app: str) -> bool:
    return state(project, app) == "sleeping"


def started(project: SampleProject, app: str) -> int:
    """Return how often an app's process was started."""
    return project.run("logs", "controller", "-n", "1000").stdout.count(f"{app}: started")


def page(project: SampleProject, app: str) -> str:
    return f"{project.url}app/{app}/"


def test_who_comes_finds_it_there(sleeper: SampleProject) -> None:
    before = sleeper.instance("slider")
    said = sleeper.run("sleep", "slider").stdout
    assert "slider is sleeping at" in said
    assert not psutil.pid_exists(before["pid"])
    assert sleeper.status()["apps"]["slider"]["instances"] == []
    with StreamlitClient(page(sleeper, "slider")) as visitor:
        assert visitor.run({}) == ["The value is 7"]
        assert visitor.run({"Value": 4}) == ["The value is 4"]
    after = sleeper.instance("slider")
    assert after["forked"]
    assert (after["state"], after["port"]) == ("running", before["port"])
    assert after["id"] != before["id"]


def test_fifty_at_once_all_get_their_page_and_one_process_starts(sleeper: SampleProject) -> None:
    sleeper.run("sleep", "slider", "--force")
    starts = started(sleeper, "slider")
    together = threading.Barrier(VISITORS, timeout=30)

    def visit(_: int) -> list[str]:
        together.wait()
        with StreamlitClient(page(sleeper, "slider")) as visitor:
            return visitor.run({})

    with ThreadPoolExecutor(VISITORS) as pool:
        seen = list(pool.map(visit, range(VISITORS)))
    assert seen == [["The value is 7"]] * VISITORS
    assert started(sleeper, "slider") == starts + 1
    assert len(sleeper.status()["apps"]["slider"]["instances"]) == 1


def test_an_app_whose_time_is_over_sleeps_by_itself(sleeper: SampleProject) -> None:
    until(lambda: asleep(sleeper, "tired"), "its sleep")
    with StreamlitClient(page(sleeper, "tired")) as visitor:
        assert visitor.run({}) == ["The value is 7"]
        pid = sleeper.instance("tired")["pid"]
        # Longer than its time: a tab is open.
        process = psutil.Process(pid)
        with pytest.raises(psutil.TimeoutExpired):
            process.wait(3)
    until(lambda: asleep(sleeper, "tired"), "its sleep after the tab was closed")


def test_health_checks_are_no_use_and_the_page_alone_wakes_nobody(sleeper: SampleProject) -> None:
    until(lambda: asleep(sleeper, "tired"), "its sleep")
    run = sleeper.root / ".state/run"
    # The files of its front-end are made, in a process of low priority, when they are first wanted.
    until(
        lambda: any(
            (run / "pages" / instance.name).exists()
            for instance in (run / "current/tired").iterdir()
        ),
        "its page, without it",
        120,
    )
    for path in ("/app/tired/", "/tired/", "/", "/api/v1/status"):
        assert sleeper.get(path, Accept="text/html").status == 200
    assert asleep(sleeper, "tired")
    instance = sleeper.get("/app/tired/", Accept="text/html").url
    health = instance.removeprefix(sleeper.url) + "_stcore/health"
    assert sleeper.get(health).body == "ok"
    assert asleep(sleeper, "tired")
    # A page that asks comes from somewhere, and is about to need its app.
    starts = started(sleeper, "tired")
    assert sleeper.get(health, Referer=instance).body == "ok"
    assert started(sleeper, "tired") == starts + 1

    def asked_and_asleep() -> bool:
        assert sleeper.get(health).body == "ok"
        return asleep(sleeper, "tired")

    until(asked_and_asleep, "its sleep in spite of health checks")


def test_open_sessions_are_not_ended_without_being_told_to(sleeper: SampleProject) -> None:
    with StreamlitClient(page(sleeper, "slider")) as visitor:
        visitor.run({})
        until(lambda: sleeper.instance("slider")["sessions"] == 1, "the session's report")
        refused = sleeper.run("sleep", "slider", code=1)
        assert "1 session is open in slider" in refused.stderr
        assert "--force" in refused.stderr
        assert visitor.run({"Value": 3}) == ["The value is 3"]
        sleeper.run("sleep", "slider", "--force")
        assert asleep(sleeper, "slider")


def test_a_service_sleeps_and_wakes_with_its_page_and_alone(sleeper: SampleProject) -> None:
    sleeper.run("sleep", "service")
    echo = sleeper.status()["apps"]["service"]["services"]["echo"]
    assert (echo["state"], echo["instances"]) == ("sleeping", [])
    assert sleeper.get("/app/service/api/there").status == 200

    def awake() -> bool:
        echo = sleeper.status()["apps"]["service"]["services"]["echo"]
        return bool(echo["state"] == "running")

    until(awake, "the manager's word for it")
    assert state(sleeper, "service") == "sleeping"


def test_what_is_not_there_cannot_sleep(sleeper: SampleProject) -> None:
    assert "there is no app 'none'" in sleeper.run("sleep", "none", code=2).stderr
    sleeper.run("stop", "tired")
    assert "tired is stopped" in sleeper.run("sleep", "tired", code=1).stderr
    sleeper.run("start", "tired")
    sleeper.run("sleep", "tired")
    again: dict[str, Any] = json.loads(sleeper.run("sleep", "tired", "--json").stdout)
    assert again["result"]["apps"]["tired"]["state"] == "sleeping"


def test_a_restart_and_a_crash_of_the_manager_leave_it_able_to_wake(
    sleeper: SampleProject,
) -> None:
    sleeper.run("sleep", "slider", "--force")
    sleeper.run("restart", "slider")
    assert state(sleeper, "slider") == "running"
    sleeper.run("sleep", "slider")
    manager = psutil.Process(sleeper.status()["manager"]["pid"])
    manager.kill()
    manager.wait(10)
    with StreamlitClient(page(sleeper, "slider")) as visitor:
        assert visitor.run({}) == ["The value is 7"]


def test_who_wakes_what_is_broken_is_told_so_by_the_site(sleeper: SampleProject) -> None:
    script = sleeper.root / "apps/slider/app.py"
    sleeper.run("sleep", "slider", "--force")
    script.write_text("if:\n")
    try:
        address = sleeper.get("/app/slider/", Accept="text/html").url.removeprefix(sleeper.url)
        assert sleeper.get(f"{address}_stcore/host-config").status == 503

        def told() -> bool:
            said = sleeper.get("/app/slider/", Accept="text/html")
            assert said.status == 503
            return "SyntaxError" in said.body

        until(told, "the reason, once the site has heard of it")
    finally:
        script.write_text(scripts.SLIDER)
        sleeper.run("restart", "slider")


def test_direct_visitors_of_its_port_wake_it_too(sleeper: SampleProject) -> None:
    port = sleeper.instance("slider")["port"]
    sleeper.run("sleep", "slider", "--force")
    where = f"http://127.0.0.1:{port}/app/slider/~any/_stcore/health"
    with urllib.request.urlopen(where, timeout=30) as answer:
        assert answer.status == 200
    until(lambda: state(sleeper, "slider") == "running", "the manager's word for it")


def test_a_quiet_session_outlives_the_manager(sleeper: SampleProject) -> None:
    """A successor does not know how an app is used, until that tells."""
    with StreamlitClient(page(sleeper, "tired")) as visitor:
        visitor.run({})
        instance = sleeper.instance("tired")
        with pytest.raises(psutil.TimeoutExpired):
            psutil.Process(instance["pid"]).wait(2)  # quiet for longer than its time
        sleeper.run("sleep", "slider", "--force")  # so that all is written down anew
        manager = psutil.Process(sleeper.status()["manager"]["pid"])
        manager.kill()
        manager.wait(10)
        until(sleeper.answers, "the next manager")
        with pytest.raises(psutil.TimeoutExpired):
            psutil.Process(instance["pid"]).wait(2)
        assert visitor.run({"Value": 5}) == ["The value is 5"]


def test_a_download_is_not_cut_off(sleeper: SampleProject) -> None:
    folder = sleeper.root / "apps/large"
    if not folder.exists():
        sleeper.add("large", LARGE, app_toml='idle_timeout = "1s"\n')
        sleeper.run("refresh")
    with StreamlitClient(page(sleeper, "large")) as visitor:
        (button,) = (
            each.download_button
            for each in visitor.elements()
            if each.WhichOneof("type") == "download_button"
        )
        where = visitor.address + button.url.lstrip("/")
        answer = urllib.request.urlopen(where, timeout=30)
    with answer:
        size = 0
        end = time.monotonic() + 4
        while piece := answer.read(1_000_000):
            size += len(piece)
            if time.monotonic() < end:
                select.select([], [], [], 0.1)  # as a slow line would
    assert size == LARGE_BYTES
