"""Of an instance that has ended, in whatever way, nothing goes on: real apps that leave much."""

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.journeys.project import SampleProject, wait_running
from tests.support.processes import has_ended
from tests.support.streamlit_client import StreamlitClient
from tests.support.waiting import until

AT_MOST = 30.0
"""Seconds for a verb: what ignores SIGTERM has ten of them."""

PAGE = """
import mess
import streamlit as st

mess.make()
st.write("hello")
"""

MESS = '''
"""Starts processes of all kinds that go on for ever; each notes its number."""
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing import resource_tracker, shared_memory

KINDS = ("stubborn", "daemon", "stripped", "grandchild")
pools = []


def make():
    """Do so, once in a process."""
    if pools:
        return
    context, own = multiprocessing.get_context("fork"), os.getpid()
    pools.append(context.Pool(2, initializer=note, initargs=("pool", own)))
    pools.append(shared_memory.SharedMemory(create=True, size=8))
    note("tracker", own, resource_tracker._resource_tracker._pid)
    for kind in KINDS:
        env = {} if kind == "stripped" else None
        own_session = kind == "stripped"
        command = [sys.executable, __file__, kind, str(os.getpid())]
        subprocess.Popen(command, env=env, start_new_session=own_session)


def note(kind, of, pid=None):
    with open(f"left/{of}.{kind}.{pid or os.getpid()}", "w"):
        pass


def main(kind, of):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if kind == "daemon":
        if os.fork():
            os._exit(0)
        os.setsid()
        if os.fork():
            os._exit(0)
        os.closerange(0, 100)
    if kind == "grandchild":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], process_group=0)
    note(kind, of)
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
'''

SERVICE = """
import http.server, os, signal, sys
import mess

signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.close(1)
mess.note("service", os.getpid())
http.server.HTTPServer(
    ("127.0.0.1", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler
).serve_forever()
"""

MANIFEST = """
[services.deaf]
command = ["python", "deaf.py"]
"""

ALL = {"daemon", "grandchild", "pool", "stripped", "stubborn", "tracker"}


class Messy:
    """A running project with an app that starts much, and one that starts the same."""

    def __init__(self, project: SampleProject) -> None:
        self.project = project
        for key in ("messy", "other"):
            folder = project.add(key, PAGE)
            (folder / "mess.py").write_text(MESS)
            (folder / "left").mkdir()
        deaf = project.add("deaf", "import streamlit as st\n", app_toml=MANIFEST)
        (deaf / "mess.py").write_text(MESS)
        (deaf / "deaf.py").write_text(SERVICE)
        (deaf / "left").mkdir()

    def pid(self, key: str = "messy") -> int:
        return int(self.project.instance(key)["pid"])

    def kill(self, who: str) -> None:
        """Kill a process of ours, and wait for the one in its place."""
        victim = self.project.process(who)
        victim.kill()

        def there_is_another() -> bool:
            found = [each for each in self.project.processes() if not has_ended(each.pid)]
            lines = [
                " ".join(each.info["cmdline"] or ()) for each in found if each.pid != victim.pid
            ]
            return any(who in line for line in lines)

        until(there_is_another, f"another {who}")

    def started_by(self, pid: int, key: str = "messy") -> dict[int, str]:
        """Return what an instance has started, once that is all."""

        def look() -> dict[int, str] | None:
            found = {}
            for path in (self.project.root / "apps" / key / "left").glob(f"{pid}.*"):
                _, kind, number = path.name.split(".")
                found[int(number)] = kind
            return found if set(found.values()) == ALL and len(found) == len(ALL) + 1 else None

        with StreamlitClient(f"{self.project.url}app/{key}/") as visitor:
            visitor.run()  # where it has not run its script yet
        found = until(look, "all that it starts")
        below = [
            each.pid for number in found for each in psutil.Process(number).children(recursive=True)
        ]
        assert below, "a grandchild"
        return found | dict.fromkeys(below, "below")


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Messy]:
    project = SampleProject.make(tmp_path_factory.mktemp("messy") / "project")
    made = Messy(project)
    try:
        project.run("start")
        yield made
    finally:
        project.end()


def alive(pids: dict[int, str]) -> dict[int, str]:
    """Return those that have not ended."""
    return {pid: kind for pid, kind in pids.items() if not has_ended(pid)}


def test_restart_leaves_nothing_of_the_old_instance(messy: Messy) -> None:
    pid = messy.pid()
    old = messy.started_by(pid)
    began = time.monotonic()
    messy.project.run("restart", "messy")
    until(lambda: not alive({pid: "page"} | old), "the end of the old instance", AT_MOST)
    assert time.monotonic() - began < AT_MOST
    assert set(alive(messy.started_by(messy.pid())).values()) == {*ALL, "below"}


def test_a_killed_instance_leaves_nothing_that_bears_its_mark(messy: Messy) -> None:
    pid = messy.pid()
    old = messy.started_by(pid)
    os.kill(pid, signal.SIGKILL)
    wait_running(messy.project, "messy", other_than=pid)
    # Before the next one starts: what it left might be in its way.
    assert set(alive(old).values()) <= {"stripped"}
    for left in alive(old):
        os.kill(left, signal.SIGKILL)  # that one has no mark, and nobody saw where it came from


def test_stop_of_an_adopted_instance_leaves_nothing_and_others_alone(messy: Messy) -> None:
    pid, other = messy.pid(), messy.pid("other")
    old, others = messy.started_by(pid), messy.started_by(other, "other")
    for who in ("streamlit_controls.manager --project", "streamlit_controls.keeper"):
        messy.kill(who)  # from then on, who loses its parent is somebody else's
    until(lambda: messy.project.run("status", code=None).returncode == 0, "the next manager")
    assert messy.pid() == pid
    began = time.monotonic()
    messy.project.run("stop", "messy")
    assert alive(old) == {}
    assert time.monotonic() - began < AT_MOST
    assert alive(others) == others


def test_the_end_of_everything_leaves_nothing_at_all(messy: Messy) -> None:
    others = messy.started_by(messy.pid("other"), "other")
    noted = list((messy.project.root / "apps/deaf/left").glob("*.service.*"))
    deaf = {int(path.name.split(".")[2]): "service" for path in noted}
    assert alive(deaf)
    began = time.monotonic()
    messy.project.run("stop")
    assert alive(others | deaf) == {}
    assert time.monotonic() - began < AT_MOST
