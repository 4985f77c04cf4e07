"""What is killed comes back, and nobody else notices."""

import threading
import time

import pytest

from tests.journeys.project import SampleProject, wait_running
from tests.support.streamlit_client import StreamlitClient
from tests.support.waiting import until


class Load(threading.Thread):
    """Asks for a page again and again and remembers every answer that is no 200."""

    def __init__(self, site: SampleProject, path: str) -> None:
        super().__init__()
        self.failures: list[str] = []
        self.count = 0
        self._site, self._path = site, path
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.is_set():
            try:
                status = self._site.get(self._path, Accept="text/html").status
            except OSError as error:
                self.failures.append(repr(error))
            else:
                self.count += 1
                if status != 200:
                    self.failures.append(str(status))

    def __enter__(self) -> "Load":
        self.start()
        until(lambda: self.count, "the first answer")
        return self

    def __exit__(self, *_: object) -> None:
        seen = self.count
        until(lambda: self.count > seen + 3, "answers after all")
        self._done.set()
        self.join(30)


def test_a_killed_app_is_back_within_a_second_plus_its_start(site: SampleProject) -> None:
    before = site.instance("slider")
    began = time.monotonic()
    for process in site.processes():
        if process.pid == before["pid"]:
            process.kill()
    after = wait_running(site, "slider", other_than=before["pid"])
    passed = time.monotonic() - began
    assert after["id"] != before["id"]
    assert after["started_at"] - time.time() + passed < 1.0, "it was noticed late"
    assert site.status()["apps"]["slider"]["restarts"] >= 1
    with StreamlitClient(f"{site.url}app/slider/") as visitor:
        assert visitor.run() == ["The value is 7"]


def test_restart_loses_no_request(site: SampleProject) -> None:
    before = site.instance("slider")
    with Load(site, "/app/slider/") as load:
        said = site.run("restart", "slider")
    assert load.failures == []
    assert "slider: running: ready" in said.stdout
    assert site.instance("slider")["pid"] != before["pid"]


def test_restart_of_services_loses_no_request(site: SampleProject) -> None:
    before = site.status()["apps"]["service"]["services"]["echo"]["instances"][0]
    with Load(site, "/app/service/api/") as load:
        site.run("restart", "service")
    assert load.failures == []
    after = site.status()["apps"]["service"]["services"]["echo"]["instances"][0]
    assert after["pid"] != before["pid"]
    assert after["port"] == before["port"]


def test_restart_into_a_broken_script_keeps_the_old_instance(site: SampleProject) -> None:
    script = site.root / "apps/slider/app.py"
    good = script.read_text()
    before = site.instance("slider")
    for broken, reason in [
        ("def f(:\n", "SyntaxError"),
        ("import streamlit as st\n1/0\n", "ZeroDivisionError: division by zero (app.py, line 2)"),
        ("import nosuchmodule\n", "No module named 'nosuchmodule'"),
    ]:
        script.write_text(broken)
        failed = site.run("restart", "slider", code=1)
        assert reason in failed.stdout + failed.stderr
        assert site.instance("slider")["pid"] == before["pid"]
        assert site.get("/app/slider/").status == 200
        assert reason in site.status()["apps"]["slider"]["error"]
    script.write_text(good)
    site.run("restart", "slider")
    assert site.status()["apps"]["slider"]["error"] is None


@pytest.mark.parametrize("who", ["streamlit_site", "caddy"])
def test_the_site_and_the_gateway_come_back(site: SampleProject, who: str) -> None:
    victim = site.process(who)
    victim.kill()
    # The socket is the manager's: the request waits for the successor.
    assert site.get("/").status == 200
    assert site.process(who).pid != victim.pid
