"""What the kernel tells of processes, with real ones."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from streamlit_controls.manager import proc
from tests.support.processes import has_ended
from tests.support.waiting import until

FAMILY = """
import os, subprocess, sys, threading, time
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
nested = f"import subprocess, time; subprocess.Popen({sleep!r}); time.sleep(600)"
threading.Thread(target=lambda: subprocess.Popen([sys.executable, "-c", nested])).start()
subprocess.Popen(sleep, start_new_session=True)
time.sleep(600)
"""


@contextmanager
def running(script: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a script; at the end, it and all below it are ended."""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    with process:
        try:
            yield process
        finally:
            below = proc.below(process.pid)
            process.kill()
            for each in below:
                proc.tell(each, signal.SIGKILL)
    until(lambda: all(has_ended(each.pid) for each in below), "their end")


@pytest.mark.parametrize("listed", [True, False])
def test_the_family(monkeypatch: pytest.MonkeyPatch, listed: bool) -> None:
    monkeypatch.setattr(proc, "_tells_children", lambda: listed)
    with running(FAMILY) as process:
        family = until(
            lambda: found if len(found := proc.below(process.pid)) == 3 else None, "three below"
        )
        nested = [each for each in family if each.parent != process.pid]
        assert len(nested) == 1
        assert {each.group for each in family} - {os.getpgid(process.pid)} != set()
        above = proc.above(nested[0].pid)
        assert above[:3] == [nested[0].parent, process.pid, os.getpid()]
    assert proc.below(process.pid) == []


def test_what_it_does() -> None:
    with running("import time; time.sleep(600)") as process:
        until(lambda: proc.doing(process.pid).states == {"S"}, "its sleep")
        assert proc.doing(process.pid).used.keys() == {process.pid}
        os.kill(process.pid, signal.SIGSTOP)
        until(lambda: proc.doing(process.pid).states == {"T"}, "its stop")


def test_time_that_is_used_is_seen() -> None:
    with running("while True: pass") as process:
        first = proc.doing(process.pid)
        until(lambda: proc.doing(process.pid).works_since(first, 1.0), "some work")


def test_nobody_is_mistaken_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with running("import time; time.sleep(600)") as process:
        seen = proc.stat(process.pid)
        proc.tell(
            proc.Stat(seen.pid, "S", seen.parent, seen.group, 0.0, seen.birth + 1), signal.SIGKILL
        )
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        monkeypatch.setattr(proc, "children", lambda pid: [process.pid] if pid == 1 else [])
        assert proc.below(1) == [], "its parent is another"
        proc.tell(seen, signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL
    proc.tell(seen, signal.SIGKILL)


def test_who_catches_a_signal() -> None:
    script = "import faulthandler, signal as s, time; faulthandler.register(s.SIGQUIT)"
    with running(f"{script}; print(flush=True); time.sleep(600)") as process:
        process.stdout.readline()  # type: ignore[union-attr]
        assert proc.catches(process.pid, signal.SIGQUIT)
        assert not proc.catches(process.pid, signal.SIGUSR1)
    assert not proc.catches(process.pid, signal.SIGQUIT)


def test_variables() -> None:
    child = subprocess.Popen(["sleep", "600"], env={"A": "1", "B": "x" * 70_000})
    try:
        until(lambda: proc.variables(child.pid).startswith(b"A=1\0B=xx"), "its variables")
        assert len(proc.variables(child.pid)) == 70_000 + 7
        assert child.pid in proc.pids()
    finally:
        child.kill()
        child.wait()
    assert proc.variables(child.pid) == b""
    with pytest.raises(proc.GONE):
        proc.stat(child.pid)


def test_processes_that_nobody_may_look_at_are_as_if_they_were_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As with `hidepid`, which shows an account its own ones only."""
    with running(FAMILY) as process:
        until(lambda: len(proc.below(process.pid)) == 3, "its family")
        hidden = proc.below(process.pid)[0].pid
        read = proc._read

        def refuse(path: str, size: int) -> bytes:
            if path.startswith((f"/proc/{hidden}/", "/proc/1/")):
                raise PermissionError(1, "Operation not permitted", path)
            return read(path, size)

        monkeypatch.setattr(proc, "_read", refuse)
        assert hidden not in {each.pid for each in proc.below(process.pid)}
        assert process.pid in proc.doing(process.pid).used
        assert os.getpid() in proc.above(process.pid)
        assert proc.variables(hidden) == b""
        assert not proc.is_there(hidden, 0.0)
