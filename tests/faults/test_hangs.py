"""Who hangs is found, says where it is, and is replaced; who is slow or busy is left alone.

All of them are in trouble at the same time, in one project, since it takes seconds to tell.
"""

import contextlib
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.journeys.project import SampleProject
from tests.support.processes import has_ended
from tests.support.streamlit_client import StreamlitClient
from tests.support.waiting import until

SECONDS = 60
"""Within which all that hang are replaced; about 12 on a machine with nothing else to do."""

SLOW = 14
"""Seconds that scripts take: longer than it takes to tell that others hang."""

PAGE = f"""
import threading
import time
import streamlit as st

def wait_where_others_work():
    time.sleep(600)

how = st.query_params.get("how")
if how == "block":
    from streamlit.runtime import get_instance
    get_instance()._get_async_objs().eventloop.call_soon_threadsafe(wait_where_others_work)
until = time.monotonic() + {SLOW}
if how == "sleep":
    time.sleep({SLOW})
while how == "count" and time.monotonic() < until:
    pass
st.write(f"{{how}} done")
"""

SERVICE = '''
"""Blocks its event loop, once, by waiting or by working there."""
import hashlib
import os
import time


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"].endswith("/block") and is_first("block"):
        time.sleep(600)
    while scope["path"].endswith("/work") and not os.path.exists("enough"):
        hashlib.sha256(b"x" * 10_000_000)
        time.sleep(0.06)  # others need the processor too; a twentieth of it counts as work
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


def is_first(name):
    """The gateway sends a request again whose process was killed."""
    try:
        os.mkdir(name)
    except FileExistsError:
        return False
    return True
'''

MUTE = """
import http.server, os, sys, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.endswith("/mute") and not os.path.exists("muted"):
            open("muted", "w").close()
            threading.Event().wait()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"here")

    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""

MANIFEST = """
[services.blocked]
asgi = "served:app"
mount = "blocked"

[services.working]
asgi = "served:app"
mount = "working"

[services.mute]
command = ["python", "mute.py"]
mount = "mute"
"""

HANGS = {
    "page": "did not answer for {} s: its event loop is blocked",
    "stopped": "did not answer for {} s: it is stopped (SIGSTOP)",
    "held.blocked": "did not answer for {} s: its event loop is blocked",
    "held.mute": "did not answer for {} s: it does nothing",
}
"""Who hangs, and what is said of it."""

Pids = dict[str, int]


@pytest.fixture(scope="module")
def hung(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Trouble"]:
    """A project in which several hang, others are slow, and one does nothing but work."""
    project = SampleProject.make(tmp_path_factory.mktemp("hangs") / "project")
    for key in ("page", "stopped", "slow"):
        project.add(key, PAGE)
    folder = project.add("held", PAGE, app_toml=MANIFEST)
    (folder / "served.py").write_text(SERVICE)
    (folder / "mute.py").write_text(MUTE)
    # Where most are silent it would be the machine's fault.
    project.add("calm", PAGE, app_toml="replicas = 3\n")
    trouble = Trouble(project)
    try:
        project.run("start")
        trouble.begin()
        yield trouble
    finally:
        (folder / "enough").touch()
        project.end()
        trouble.join()


class Trouble:
    """What is going on in the project, and who was there when it began."""

    def __init__(self, project: SampleProject) -> None:
        self.project = project
        self.before: Pids = {}
        self.shown: list[str] = []
        """What the slow scripts showed."""
        self._threads: list[threading.Thread] = []

    def begin(self) -> None:
        """Have some hang, some take long, one work all the time."""
        self.before = self.pids()
        for how in ("sleep", "sleep", "count", "count"):
            self._in_background(self._visit, "slow", how)
        for path in ("blocked/block", "working/work", "mute/mute"):
            self._in_background(self.project.get, f"/app/held/{path}")
        self._in_background(self._visit, "page", "block")
        os.kill(self.before["stopped"], signal.SIGSTOP)

    def pids(self) -> Pids:
        """Return the pid of each unit's process; of those that have none just now, nothing."""
        found = {}
        for key, app in self.project.status()["apps"].items():
            units = {key: app} | {f"{key}.{name}": it for name, it in app["services"].items()}
            for name, unit in units.items():
                for instance in unit["instances"]:
                    if instance["state"] == "running":
                        found[name] = instance["pid"]
        return found

    def zygotes(self) -> set[int]:
        """Return the pids of all zygotes that are, or were once, ready to fork."""
        found = map(int, re.findall(r"zygote (\d+) is ready", self.log("controller")))
        return {pid for pid in found if not has_ended(pid)}

    def log(self, name: str) -> str:
        return (self.project.root / f"logs/{name}.log").read_text()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(SECONDS)

    def _visit(self, key: str, how: str) -> None:
        with StreamlitClient(f"{self.project.url}app/{key}/") as visitor:
            self.shown += visitor.run(query_string=f"how={how}")

    def _in_background(self, do: Callable[..., object], *arguments: str) -> None:
        def forgiving() -> None:
            with contextlib.suppress(OSError, ConnectionClosed):  # whom it asked has been killed
                do(*arguments)

        thread = threading.Thread(target=forgiving)
        thread.start()
        self._threads.append(thread)


def replaced(hung: Trouble) -> Pids:
    """Return the pids once all that hang have been replaced."""

    def look() -> bool:
        lines = hung.log("controller").splitlines()
        return all(sum(f"{name}: ready" in line for line in lines) == 2 for name in HANGS)

    until(look, "new processes in place of all that hang", SECONDS)
    return hung.pids()


def test_who_hangs_is_replaced_and_it_is_said_why(hung: Trouble) -> None:
    replaced(hung)
    said = hung.log("controller")
    for name, reason in HANGS.items():
        pattern = re.escape(f"{name}: pid {hung.before[name]} {reason}").replace(r"\{\}", r"(\d+)")
        found = re.search(pattern, said)
        assert found, f"{pattern} in {said}"
        assert int(found[1]) < SECONDS
    ends = hung.project.status()["apps"]
    assert "event loop is blocked" in ends["page"]["last_end"]["reason"]
    assert "SIGSTOP" in ends["stopped"]["last_end"]["reason"]


def test_who_hangs_says_where_before_it_is_killed(hung: Trouble) -> None:
    replaced(hung)
    for name, line in (
        ("page", "in wait_where_others_work"),
        ("held.blocked", 'served.py", line 12 in app'),
    ):
        said = hung.log(name)
        assert "most recent call first" in said, name
        assert line in said, name


def test_slow_scripts_are_no_hang(hung: Trouble) -> None:
    replaced(hung)
    until(lambda: len(hung.shown) == 4, "the end of four slow scripts", SECONDS)
    assert sorted(hung.shown) == ["count done", "count done", "sleep done", "sleep done"]
    assert hung.pids()["slow"] == hung.before["slow"]


def test_who_works_has_much_longer_and_others_are_left_alone(hung: Trouble) -> None:
    now = replaced(hung)
    assert {
        name: pid for name, pid in hung.before.items() if name not in HANGS
    }.items() <= now.items()


def test_a_stopped_zygote_keeps_nobody_waiting_and_is_replaced(hung: Trouble) -> None:
    before = replaced(hung)
    zygotes = hung.zygotes()
    for zygote in zygotes:  # one for the environment as it is, others as it was
        os.kill(zygote, signal.SIGSTOP)
    os.kill(before["slow"], signal.SIGKILL)
    after = until(lambda: there(hung.pids(), other_than=before["slow"]), "its successor", SECONDS)
    given_up = re.search(r"zygote (\d+): gives no fork: it hangs", hung.log("controller"))
    assert given_up
    until(lambda: hung.zygotes() - zygotes, "another zygote", SECONDS)
    assert has_ended(int(given_up[1]))
    assert {**after, "slow": 0} == {**before, "slow": 0}, "its forks live on"


def there(pids: Pids, other_than: int) -> Pids | None:
    """Return the pids, if the slow app has another than it had."""
    return pids if pids.get("slow", other_than) != other_than else None
