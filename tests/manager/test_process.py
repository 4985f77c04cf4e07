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
from streamlit_controls.manager.process import Process, describe_exit, since_boot
from tests.support.asynchronous import bounded
from tests.support.processes import has_ended
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

ELSEWHERE = """
import os, subprocess, sys, time
listening = '''
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("told", flush=True)))
print("elsewhere", flush=True)
time.sleep(600)
'''
command = [sys.executable, "-c", listening]
child = subprocess.Popen(command, env={}, start_new_session=True, stdout=open("told", "w"))
while not os.path.getsize("told"):
    time.sleep(0.01)
print(child.pid, flush=True)
time.sleep(600)
"""
"""Starts one in a session of its own, without variables."""


def spawn(folder: Path, script: str, **more: str) -> Process:
    with (folder / "log").open("ab") as log:
        return Process.spawn(
            [sys.executable, "-c", script], cwd=folder, env={**os.environ, **more}, log=log
        )


def said(folder: Path) -> str:
    return until(lambda: (folder / "log").read_text(), "a line in the log")


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
    until(lambda: has_ended(grandchild), "the end of the grandchild")
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


@pytest.mark.parametrize("how", ["terminate", "kill", "noted"])
@bounded
async def test_who_went_elsewhere_ends_too(tmp_path: Path, how: str) -> None:
    child = spawn(tmp_path, ELSEWHERE)
    elsewhere = int(said(tmp_path))
    match how:
        case "terminate":
            child.terminate()
            until(lambda: "told" in (tmp_path / "told").read_text(), "its word")
        case "kill":
            child.kill()
        case "noted":
            child.note_family()
            os.kill(child.pid, signal.SIGKILL)
    await child.wait()
    until(lambda: has_ended(elsewhere), "the end of the one elsewhere")
    child.close()


@bounded
async def test_who_is_stopped_hears_that_it_should_end(tmp_path: Path) -> None:
    child = spawn(tmp_path, "import time\nprint(1, flush=True)\ntime.sleep(600)")
    said(tmp_path)
    child.tell(signal.SIGSTOP)
    until(lambda: child.doing().states == {"T"}, "its stop")
    child.terminate()
    assert child.ending
    assert await child.wait() == -signal.SIGTERM
    assert child.doing().used == {}
    child.close()
    for late in (child.kill, child.terminate):
        late()  # there is nobody of that number, or somebody else


@bounded
async def test_a_number_that_is_another_s_now_gets_no_signal(tmp_path: Path) -> None:
    child = spawn(tmp_path, "")
    assert await child.wait() == 0
    # Two that began within one tick of the kernel's clock could not be told apart.
    until(lambda: since_boot() > child.birth + 0.05, "another tick")
    other = spawn(tmp_path, "import time; time.sleep(600)")
    child.pid = other.pid
    child.kill()
    waiting = asyncio.create_task(other.wait())
    ended, _ = await asyncio.wait({waiting}, timeout=0.3)
    assert not ended
    other.kill()
    assert await waiting == -signal.SIGKILL
    child.close()
    other.close()


@bounded
async def test_an_event_loop_runs_now_and_then_until_it_is_blocked(tmp_path: Path) -> None:
    loop = "import os, time\nwhile not os.path.exists('block'):\n  time.sleep(0.01)\n"
    child = spawn(tmp_path, f"{loop}print('blocked', flush=True)\ntime.sleep(600)")
    assert not child.has_run(), "there is nothing yet to compare with"
    until(child.has_run, "its turn")
    (tmp_path / "block").touch()
    said(tmp_path)
    until(lambda: not child.has_run(), "its block")
    child.kill()
    await child.wait()
    assert not child.has_run()
    child.close()


@bounded
async def test_it_shows_where_it_is(tmp_path: Path) -> None:
    script = "import faulthandler, signal, time; faulthandler.register(signal.SIGQUIT)"
    child = spawn(
        tmp_path, f"{script}\ndef here():\n  time.sleep(600)\nprint(1, flush=True)\nhere()"
    )
    said(tmp_path)
    await child.show_trace()
    assert "in here" in (tmp_path / "log").read_text()
    child.kill()
    await child.wait()
    child.close()


@bounded
async def test_who_cannot_show_where_it_is_is_not_asked(tmp_path: Path) -> None:
    child = spawn(tmp_path, "import time\nprint(1, flush=True)\ntime.sleep(600)")
    said(tmp_path)
    await child.show_trace()
    assert child.doing().states, "SIGQUIT would have ended it"
    child.kill()
    assert await child.wait() == -signal.SIGKILL
    await child.show_trace()
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
