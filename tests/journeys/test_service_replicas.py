"""A service with several processes: they share its port, and are looked after each by itself."""

import json
import os
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.journeys.project import SampleProject
from tests.support.waiting import until

MANIFEST = """
[services.api]
asgi = "server:app"
mount = "api"
replicas = 2
"""
SERVER = """
import asyncio, json, os, time

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    assert scope["client"][0]  # as many a health route takes it for granted
    path = scope["path"].rpartition("/")[2]
    if path == "work":
        time.sleep(0.05)  # as what computes: nobody else is answered meanwhile
    if path == "hang":
        time.sleep(600)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(os.getpid()).encode()})
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    project = SampleProject.make(tmp_path_factory.mktemp("services") / "project")
    folder = project.add("twice", "import streamlit as st\nst.write('hello')\n")
    (folder / "app.toml").write_text(MANIFEST)
    (folder / "server.py").write_text(SERVER)
    try:
        project.run("start")
        yield project
    finally:
        project.end()


def pids(project: SampleProject, state: str = "running") -> set[int]:
    """Return the processes of the service in a state."""
    service = project.status()["apps"]["twice"]["services"]["api"]
    return {each["pid"] for each in service["instances"] if each["state"] == state}


def ask(project: SampleProject, what: str = "") -> int:
    """Ask the service through the site's port; return who has answered."""
    url = f"{project.url}app/twice/api/{what}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        return int(json.load(answer))


def crowd(project: SampleProject, what: str) -> set[int]:
    """Ask many times at once; return who has answered."""
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.extend(ask(project, what) for _ in range(4)))
        for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(found) == 32
    return set(found)


def test_both_work_when_there_is_work_for_both(project: SampleProject) -> None:
    both = pids(project)
    assert len(both) == 2
    assert crowd(project, "work") == both


def test_one_that_is_killed_is_replaced_and_the_other_answers_meanwhile(
    project: SampleProject,
) -> None:
    killed, other = sorted(pids(project))
    os.kill(killed, signal.SIGKILL)
    assert ask(project) != killed
    until(lambda: len(pids(project)) == 2 and killed not in pids(project), "its successor")
    assert other in pids(project)


def test_restart_replaces_both_and_loses_no_request(project: SampleProject) -> None:
    before = pids(project)
    stop, answers, failures = threading.Event(), list[int](), list[OSError]()

    def visit() -> None:
        while not stop.is_set():
            try:
                answers.append(ask(project))
            except OSError as error:  # an error status is one, too
                failures.append(error)

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        project.run("restart", "twice")
        until(lambda: not before & pids(project) and len(pids(project)) == 2, "the new ones")
        until(lambda: answers and answers[-1] not in before, "an answer of a new one")
    finally:
        stop.set()
        visitor.join(30)
    assert failures == []


def test_they_sleep_and_wake(project: SampleProject) -> None:
    project.run("sleep", "twice", "--force")
    until(lambda: not pids(project), "both asleep")
    assert ask(project) > 0
    until(lambda: len(pids(project)) == 2, "both awake")


def test_one_that_hangs_is_found_though_the_other_answers(project: SampleProject) -> None:
    both = pids(project)
    threading.Thread(target=_hang, args=(project,), daemon=True).start()
    until(lambda: bool(both - pids(project)), "the one that hangs is found", seconds=60)
    until(lambda: len(pids(project)) == 2, "its successor", seconds=60)
    assert len(both & pids(project)) == 1
    assert "event loop is blocked" in str(
        project.status()["apps"]["twice"]["services"]["api"]["last_end"]
    )


def _hang(project: SampleProject) -> None:
    """Have one of them hang; a POST is not asked again of another one."""
    url = f"{project.url}app/twice/api/hang"
    try:
        with urllib.request.urlopen(url, b"", timeout=60):
            pass
    except urllib.error.HTTPError as refusal:
        refusal.close()  # an answer, too, with a connection of its own
    except OSError:
        return
