"""Of an instance that has ended, in whatever way, nothing goes on: real apps that leave much."""

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.journeys.project import SampleProject, wait_running
from tests.support.processes import has_ended
from tests.support.waiting import until

AT_MOST = 30.0
"""Seconds for a verb: what ignores SIGTERM has ten of them."""

PAGE = """
import mess
import streamlit as st

mess.make()
st.write("hello")
"""

CALM = "import streamlit as st\n"

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

OURS = ("streamlit_controls.manager --project", "streamlit_controls.keeper")

ALL = {"daemon", "grandchild", "pool", "stripped", "stubborn", "tracker"}


class Messy:
    """A running project with an app that starts much, and with a service that does not listen."""

    def __init__(self, project: SampleProject) -> None:
        self.project = project
        for key, script, manifest in (("messy", PAGE, ""), ("deaf", CALM, MANIFEST)):
            folder = project.add(key, script, app_toml=manifest)
            (folder / "mess.py").write_text(MESS)
            (folder / "deaf.py").write_text(SERVICE)
            (folder / "left").mkdir()

    def pid(self) -> int:
        """Return the pid of the app's only instance."""
        return int(self.project.instance("messy")["pid"])

    def deaf(self) -> dict[int, str]:
        """Return the processes of the service."""
        service = self.project.status()["apps"]["deaf"]["services"]["deaf"]
        return {int(each["pid"]): "service" for each in service["instances"]}

    def started_by(self, pid: int) -> dict[int, str]:
        """Return what an instance has started, once that is all."""
        folder = self.project.root / "apps/messy/left"
        if not list(folder.glob(f"{pid}.*")):  # it has not run its script yet
            page = self.project.get("/app/messy/_stcore/script-health-check")
            assert page.status == 200, page.body

        def look() -> dict[int, str] | None:
            names = [path.name.split(".") for path in folder.glob(f"{pid}.*")]
            found = {int(number): kind for _, kind, number in names}
            whole = set(found.values()) == ALL and len(found) == len(ALL) + 1
            return found if whole else None

        found = until(look, "all that it starts")
        below = [
            each.pid for number in found for each in psutil.Process(number).children(recursive=True)
        ]
        assert below, "a grandchild"
        return found | dict.fromkeys(below, "below")

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


def end_those_without_mark(left: dict[int, str]) -> None:
    """End those that have no mark, and that nobody saw before their parent was killed."""
    assert set(left.values()) <= {"stripped"}
    for pid in left:
        os.kill(pid, signal.SIGKILL)


def test_restart_leaves_nothing_of_the_old_instance(messy: Messy) -> None:
    pid = messy.pid()
    old = messy.started_by(pid)
    messy.project.run("restart", "messy")
    until(lambda: not alive({pid: "page"} | old), "the end of the old instance", AT_MOST)
    assert set(alive(messy.started_by(messy.pid())).values()) == {*ALL, "below"}


def test_a_killed_instance_leaves_nothing_that_bears_its_mark(messy: Messy) -> None:
    pid = messy.pid()
    old = messy.started_by(pid)
    os.kill(pid, signal.SIGKILL)
    wait_running(messy.project, "messy", other_than=pid)
    # Before the next one starts: what it left might be in its way.
    end_those_without_mark(alive(old))


def test_what_died_while_no_manager_ran_leaves_nothing_that_bears_its_mark(messy: Messy) -> None:
    pid, deaf = messy.pid(), messy.deaf()
    old = messy.started_by(pid)
    ours = [messy.project.process(who) for who in OURS]
    for process in ours:
        process.suspend()  # or the one brings the other back
    for process in ours:
        process.kill()
    os.kill(pid, signal.SIGKILL)
    until(lambda: has_ended(pid) and all(has_ended(each.pid) for each in ours), "their end")
    messy.project.run("start")
    end_those_without_mark(alive(old))
    assert messy.deaf() == deaf, "others are left alone"


def test_stop_of_what_was_adopted_leaves_nothing(messy: Messy) -> None:
    pid, deaf = messy.pid(), messy.deaf()
    old = messy.started_by(pid)
    for who in OURS:
        messy.kill(who)  # from then on, who loses its parent is somebody else's
    until(messy.project.answers, "the next manager")
    assert (messy.pid(), messy.deaf()) == (pid, deaf)
    began = time.monotonic()
    messy.project.run("stop", "messy")
    assert alive({pid: "page"} | old) == {}
    assert time.monotonic() - began < AT_MOST
    assert messy.deaf() == deaf, "others are left alone"


def test_the_end_of_everything_does_not_wait_for_who_does_not_listen(messy: Messy) -> None:
    deaf = alive(messy.deaf())
    assert deaf
    began = time.monotonic()
    messy.project.run("stop")
    assert alive(deaf) == {}
    assert time.monotonic() - began < AT_MOST
