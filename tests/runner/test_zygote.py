"""A zygote as a real process: what it says, what it forks, how that ends."""

import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.awkward import environment
from tests.runner.processes import RUNNER
from tests.support.waiting import until

PATIENCE = 40.0
SERVICE = """
import atexit, os, sys
print("imported", os.getcwd(), sys.argv, os.environ.get("OWN"), sorted(sys.stdin.read()))
atexit.register(print, "at exit")
sys.exit(int(os.environ["CODE"]))
"""


class Manager:
    """Speaks to a zygote as the manager does."""

    def __init__(self, control: socket.socket, python: Path, said: Path) -> None:
        self._control = control
        self._python = python
        self.said = said

    def hear(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._control.recv(65536) or b"{}")
        return message

    def fork(self) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._control, [b'{"do": "fork", "number": 7}'], [theirs.fileno()])
        answer = self.hear()
        assert answer["number"] == 7
        return answer["forked"], ours

    def order(self, orders: socket.socket, folder: Path, *arguments: str, **env: str) -> None:
        """Have a fork become a service, which writes to a log of its own."""
        read, write = os.pipe()
        with (
            orders,
            socket.socket() as listener,
            (folder.parent / "own.log").open("ab") as log,
        ):
            argv = [str(self._python), str(RUNNER / "service.py"), *arguments]
            argv += ["--fd", str(listener.fileno()), "--report-fd", str(write)]
            numbers = [listener.fileno(), write]
            order = {"argv": argv, "env": env, "cwd": str(folder), "descriptors": numbers}
            socket.send_fds(orders, [json.dumps(order).encode()], [log.fileno(), *numbers])
        os.close(read)
        os.close(write)

    def reap(self, pid: int) -> int | None:
        self._control.send(json.dumps({"do": "reap", "pid": pid}).encode())
        answer = self.hear()
        assert answer["reaped"] == pid
        code: int | None = answer["code"]
        return code


@contextlib.contextmanager
def zygote(python: Path, folder: Path, *preload: str) -> Iterator[Manager]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(PATIENCE)
    temporary = folder / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    said = folder / "said.log"
    with ours, theirs, said.open("ab") as log:
        command = [str(python), str(RUNNER / "zygote.py"), "--control-fd", str(theirs.fileno())]
        process = subprocess.Popen(
            [*command, *(f"--preload={name}" for name in preload), f"--room={'-' * 400}"],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "ONLY_THE_ZYGOTE_S": "1",
                "TMPDIR": str(temporary),
            },
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        theirs.close()
        try:
            yield Manager(ours, python, said)
        finally:
            ours.close()
            try:
                process.wait(PATIENCE)  # it ends by itself when nobody listens
            finally:
                process.kill()
                process.wait()
    assert list(temporary.iterdir()) == [], "left by a zygote, or by its forks"


@pytest.fixture(scope="module")
def borrowing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with Streamlit and with packages that do no good."""
    folder = tmp_path_factory.mktemp("borrowing")
    environment.make(folder)
    return folder / "bin/python"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with nothing but a uvicorn that imports what it is given."""
    folder = tmp_path_factory.mktemp("bare")
    packages = environment.make(folder, borrowing=False)
    for name, text in environment.PACKAGES.items():
        environment.add(packages, name, text)
    environment.add(
        packages,
        "uvicorn",
        """
import importlib
class Server: pass
class Config:
    def __init__(self, app, **more): self.app = app
    def load(self): importlib.import_module(self.app)
""",
    )
    return folder / "bin/python"


def test_an_environment_without_streamlit_will_do(bare: Path, tmp_path: Path) -> None:
    with zygote(bare, tmp_path / "zygote") as manager:
        assert manager.hear() == {"ready": True, "missing": {}}
        pid, orders = manager.fork()
        orders.close()
        assert manager.reap(pid) == 0, "a fork that is not wanted ends"


@pytest.mark.parametrize("code", [0, 3])
def test_a_fork_is_what_it_is_told_to_be(bare: Path, tmp_path: Path, code: int) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "zygote.py").write_text(SERVICE)
    with zygote(bare, tmp_path / "zygote") as manager:
        manager.hear()
        pid, orders = manager.fork()
        manager.order(orders, folder, "zygote", OWN="1", CODE=str(code))
        assert manager.reap(pid) == code
        lines = (tmp_path / "own.log").read_text().splitlines()
        assert lines[0].startswith(f"imported {folder} ['{RUNNER / 'service.py'}', 'zygote', ")
        assert lines[0].endswith(" 1 []")
        assert lines[1:] == ["at exit"]
        assert manager.said.read_text() == ""


def test_the_signal_that_ended_a_fork_is_known(bare: Path, tmp_path: Path) -> None:
    with zygote(bare, tmp_path / "zygote") as manager:
        manager.hear()
        pid, orders = manager.fork()
        with orders:
            os.kill(pid, 9)
            assert manager.reap(pid) == -9
        assert manager.reap(pid) is None, "there is nobody of that number any more"


def test_forks_outlive_it(bare: Path, tmp_path: Path) -> None:
    with zygote(bare, tmp_path / "zygote") as manager:
        manager.hear()
        pid, orders = manager.fork()
    with orders:
        os.kill(pid, 0)
    until(lambda: not Path(f"/proc/{pid}").exists() or is_zombie(pid), "the end of the fork")


@pytest.mark.parametrize(
    ("module", "why"),
    [
        ("labthread", "labthread starts threads, which a fork would not have"),
        ("labnative", "labnative starts threads, which a fork would not have"),
        ("labopen", "labopen keeps files or sockets open, which forks would share"),
    ],
)
def test_what_cannot_be_forked_is_told(bare: Path, tmp_path: Path, module: str, why: str) -> None:
    with zygote(bare, tmp_path / "zygote", "labgone", module) as manager:
        said = manager.hear()
    assert said["unsuitable"] == why
    assert said["missing"].keys() == {"labgone"}


def test_what_cannot_be_imported_is_told(bare: Path, tmp_path: Path) -> None:
    with zygote(bare, tmp_path / "zygote", "labgone", "labraises", "json") as manager:
        assert manager.hear() == {
            "ready": True,
            "missing": {
                "labgone": "ModuleNotFoundError: No module named 'labgone'",
                "labraises": "RuntimeError: no licence",
            },
        }


def test_rehearsing_leaves_nothing_behind(borrowing: Path, tmp_path: Path) -> None:
    """Streamlit's own notes of a page that it ran are as they were before."""
    script = f"""
import json, sys, warnings
sys.path.insert(0, {str(RUNNER)!r})
import preloading
filters = list(warnings.filters)
print(json.dumps(preloading.prepare([])))
import streamlit, threading, os
from streamlit.runtime.caching import cache_data_api, cache_metrics, cache_resource_api
from streamlit.runtime.state import session_state_proxy
print(json.dumps([
    streamlit._main._form_data,
    session_state_proxy._mock_session_state,
    len(cache_metrics._cache_metrics._functions),
    len(cache_data_api._data_caches._function_caches),
    len(cache_resource_api._resource_caches._function_caches),
    len(threading.enumerate()),
    "streamlit.runtime.runtime" in sys.modules and streamlit.runtime.exists(),
    sorted(os.listdir()),
]))
"""
    done = subprocess.run(
        [borrowing, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=True,
    )
    prepared, notes = map(json.loads, done.stdout.splitlines())
    assert prepared == [{}, ""]
    assert notes == [None, None, 0, 0, 0, 1, False, []]
    assert done.stderr == ""


def test_rehearsing_leaves_no_file_behind(borrowing: Path, tmp_path: Path) -> None:
    with zygote(borrowing, tmp_path / "zygote") as manager:
        assert manager.hear() == {"ready": True, "missing": {}}


def is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
