"""A sandboxed process through its monitor's pid, with real sandboxes."""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from streamlit_controls.bubblewrap import bubblewrap
from streamlit_controls.core.sandbox import BASE, NAMESPACES
from streamlit_controls.manager.inside import exit_code, inside, is_monitor
from streamlit_controls.manager.listeners import Listeners
from streamlit_controls.manager.metrics import Metrics
from streamlit_controls.manager.process import Process, birth
from streamlit_controls.manager.sandbox import RUNNER
from tests.manager.keeper_link import linked
from tests.support.asynchronous import bounded
from tests.support.sandboxes import needs_sandbox
from tests.support.waiting import until

TALKER = """
import os, signal, sys, time
for name in ("SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGTERM"):
    signal.signal(getattr(signal, name), lambda number, _: print(number, flush=True))
print("ready", flush=True)
while True:
    time.sleep(600)
"""
PARENT = """
import os, subprocess, sys, time
if not os.fork():
    os.setsid()
    if os.fork():
        os._exit(0)
    time.sleep(600)
os.wait()
print("ready", flush=True)
time.sleep(600)
"""


LARGE = 50_000_000

Spawn = Callable[..., Process]


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Spawn]:
    """Starts a script in a sandbox, with descriptors; it writes to a log in the test's folder."""
    started: list[Process] = []

    def begin(script: str, *descriptors: int) -> Process:
        entrance = [sys.executable, "-I", "-S", str(RUNNER / "unblocked.py")]
        command = [str(bubblewrap()), *BASE, *NAMESPACES, "--", *entrance, sys.executable]
        with (tmp_path / "log").open("ab") as log:
            process = Process.spawn(
                [*command, "-c", script],
                cwd=tmp_path,
                env=os.environ,
                log=log,
                descriptors=descriptors,
                sandboxed=True,
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process.pid, 0)
        process.close()


def said(folder: Path, word: str = "ready") -> None:
    until(lambda: word in (folder / "log").read_text().split(), word)


def family(pid: int) -> list[psutil.Process]:
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def are_gone(those: list[psutil.Process]) -> bool:
    return all(not each.is_running() or each.status() == "zombie" for each in those)


def test_a_process_without_a_sandbox_is_the_one() -> None:
    assert inside(os.getpid()) == os.getpid()
    assert not is_monitor(os.getpid())
    assert not is_monitor(2**22 + 1)


@pytest.mark.parametrize(
    ("code", "means"), [(0, 0), (1, 1), (128, 128), (137, -9), (143, -15), (193, 193), (255, 255)]
)
def test_exit_codes(code: int, means: int) -> None:
    assert exit_code(code) == means


@needs_sandbox
@bounded
async def test_signals_are_for_the_one_inside(tmp_path: Path, spawn: Spawn) -> None:
    process = spawn(TALKER)
    said(tmp_path)
    everybody = family(process.pid)
    assert inside(process.pid) == everybody[-1].pid != process.pid
    adopted = Process.adopt(process.pid, birth(process.pid))
    assert adopted is not None
    process.tell(signal.SIGUSR2)
    said(tmp_path, "12")
    adopted.tell(signal.SIGUSR1)
    said(tmp_path, "10")
    process.tell(signal.SIGQUIT)
    said(tmp_path, "3")
    process.terminate()
    said(tmp_path, "15")
    assert all(each.is_running() for each in everybody)
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    until(lambda: are_gone(everybody), "the end of the sandbox")
    adopted.close()


@needs_sandbox
@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("import os; os.kill(os.getpid(), 15)", -15),
        ("import os; os.kill(os.getpid(), 9)", -9),
    ],
)
@bounded
async def test_how_it_ended(spawn: Spawn, script: str, code: int) -> None:
    process = spawn(script)
    assert await process.wait() == code


@needs_sandbox
@pytest.mark.parametrize("by", ["terminate", "kill", "the monitor's end", "its own end"])
@bounded
async def test_nothing_in_a_sandbox_outlives_it(tmp_path: Path, spawn: Spawn, by: str) -> None:
    process = spawn(PARENT)
    said(tmp_path)
    everybody = family(process.pid)
    assert len(everybody) == 4, "with one that has left the group"
    app = inside(process.pid)
    assert app is not None
    ends: dict[str, Callable[[], None]] = {
        "terminate": process.terminate,
        "kill": process.kill,
        "the monitor's end": lambda: os.kill(process.pid, signal.SIGKILL),
        "its own end": lambda: os.kill(app, signal.SIGKILL),
    }
    ends[by]()
    await process.wait()
    until(lambda: are_gone(everybody), "the end of all")


@needs_sandbox
@bounded
async def test_a_sandbox_with_nobody_in_it_ends_at_once(spawn: Spawn) -> None:
    process = spawn("import time; time.sleep(600)")
    process.terminate()  # perhaps before there is anybody to hear of it
    assert await process.wait() in {-signal.SIGKILL, -signal.SIGTERM}


@needs_sandbox
@bounded
async def test_its_sockets_can_be_copied(tmp_path: Path, spawn: Spawn) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = spawn(TALKER, listener.fileno())
        said(tmp_path)
    with linked(tmp_path) as (link, _):
        made = Listeners(link)
        made.recover(port, process.pid)
        assert list(made.stored()) == [f"port:{port}"]
        made.close(port)
    process.kill()
    await process.wait()


@needs_sandbox
@bounded
async def test_its_memory_is_what_is_measured(tmp_path: Path, spawn: Spawn) -> None:
    process = spawn(f"large = b'x' * {LARGE}\n{TALKER}")
    said(tmp_path)
    assert (Metrics()(process.pid).rss_bytes or 0) > LARGE
    process.kill()
    await process.wait()
