"""One process and everything that hangs on it, with real processes."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.manager import process
from streamlit_controls.manager.process import Process, describe_exit
from tests.support.asynchronous import bounded
from tests.support.waiting import until

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


def spawn(folder: Path, script: str, **more: str) -> Process:
    with (folder / "log").open("ab") as log:
        return Process.spawn(
            [sys.executable, "-c", script], cwd=folder, env={**os.environ, **more}, log=log
        )


def said(folder: Path) -> str:
    return until(lambda: (folder / "log").read_text(), "a line in the log")


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("", 0, "exited with code 0"),
        ("raise SystemExit(3)", 3, "exited with code 3"),
        ("import os; os.kill(os.getpid(), 15)", -15, "was ended by SIGTERM"),
        ("import os; os.kill(os.getpid(), 9)", -9, "was ended by SIGKILL"),
    ],
)
@bounded
async def test_how_it_ended(tmp_path: Path, script: str, code: int, words: str) -> None:
    child = spawn(tmp_path, script)
    assert await child.wait() == code
    assert describe_exit(code) == words
    child.close()


def test_nobody_knows_how_an_adopted_one_ended() -> None:
    assert describe_exit(None) == "ended"


@bounded
async def test_it_has_its_own_group_folder_variables_and_log(tmp_path: Path) -> None:
    script = "import os; print(os.getpgid(0) == os.getpid(), os.getcwd(), os.environ['X'])"
    child = spawn(tmp_path, script, X="1")
    assert await child.wait() == 0
    assert (tmp_path / "log").read_text() == f"True {tmp_path} 1\n"
    child.close()


@pytest.mark.parametrize("how", ["terminate", "kill", "leader"])
@bounded
async def test_the_whole_group_ends(tmp_path: Path, how: str) -> None:
    child = spawn(tmp_path, PARENT)
    grandchild = int(said(tmp_path))
    match how:
        case "terminate":
            child.terminate()
        case "kill":
            child.kill()
        case "leader":
            os.kill(child.pid, signal.SIGKILL)
    await child.wait()
    until(lambda: is_gone(grandchild), "the end of the grandchild")
    child.close()


@bounded
async def test_who_does_not_listen_is_killed(tmp_path: Path) -> None:
    child = spawn(tmp_path, STUBBORN)
    said(tmp_path)
    child.terminate()
    waiting = asyncio.create_task(child.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    child.kill()
    assert await waiting == -signal.SIGKILL
    child.kill()
    child.terminate()
    child.close()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["/no/such/program"], "/no/such/program cannot be started: No such file or directory"),
        (["/etc/passwd"], "/etc/passwd cannot be started: Permission denied"),
        (["/bin/true", "a\0b"], "/bin/true cannot be started: embedded null byte"),
    ],
)
def test_cannot_be_started(tmp_path: Path, argv: list[str], words: str) -> None:
    with (tmp_path / "log").open("ab") as log, pytest.raises(LaunchError) as caught:
        Process.spawn(argv, cwd=tmp_path, env={}, log=log)
    assert caught.value.message == words


def test_no_folder_to_start_in(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with (tmp_path / "log").open("ab") as log, pytest.raises(LaunchError) as caught:
        Process.spawn(["/bin/true"], cwd=gone, env={}, log=log)
    assert caught.value.message == f"{gone} cannot be started: No such file or directory"


@bounded
async def test_adopted(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        grandchild = int(child.stdout.readline())
        born = process.birth(child.pid)
        assert Process.adopt(child.pid, born + 1) is None, "another process with its number"
        adopted = Process.adopt(child.pid, born)
        assert adopted is not None
        child.kill()
        os.kill(grandchild, signal.SIGKILL)
        assert await adopted.wait() is None
        adopted.close()
        assert Process.adopt(child.pid, born) is None, "a zombie"
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()
    assert Process.adopt(child.pid, born) is None, "gone"


def test_gone_while_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: int) -> bool:
        raise FileNotFoundError

    monkeypatch.setattr(process, "is_zombie", gone)
    assert Process.adopt(os.getpid(), process.birth(os.getpid())) is None


def test_births_are_on_the_clock_since_boot() -> None:
    own = process.birth(os.getpid())
    assert 0 < own < process.since_boot()
    age = process.since_boot() - own
    assert (
        abs((psutil.boot_time() + process.since_boot() - age) - psutil.Process().create_time()) < 5
    )


def test_a_name_with_parentheses(tmp_path: Path) -> None:
    program = tmp_path / "a) S (b"
    program.symlink_to("/bin/sleep")
    child = subprocess.Popen([program, "600"])
    try:
        until(lambda: "a) S (b" in Path(f"/proc/{child.pid}/comm").read_text(), "the exec")
        assert process.birth(child.pid) > 0
        assert not process.is_zombie(child.pid)
    finally:
        child.kill()
        child.wait()
