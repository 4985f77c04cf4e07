"""What bears the mark of an instance that has ended, with real processes."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streamlit_controls.core.launch import INSTANCE
from streamlit_controls.manager import leftovers, proc
from streamlit_controls.manager.cgroups import Cgroups
from streamlit_controls.manager.leftovers import Leftovers, end_all, end_strangers
from tests.support.asynchronous import bounded
from tests.support.processes import has_ended
from tests.support.samples import instance

DAEMON = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    print(os.getpid(), flush=True)
    os.closerange(0, 100)
    time.sleep(600)
"""
"""Leaves a process behind that has nothing to do with it any more, but for its variables."""


def leave(**variables: str) -> int:
    """Return the pid of one that is left behind."""
    done = subprocess.run(
        [sys.executable, "-c", DAEMON],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        check=True,
        timeout=20,
    )
    return int(done.stdout)


@contextmanager
def left(**variables: str) -> Iterator[int]:
    pid = leave(**variables)
    seen = proc.stat(pid)
    try:
        yield pid
    finally:
        proc.tell(seen, signal.SIGKILL)


@bounded
async def test_what_one_left_ends_and_that_of_others_does_not() -> None:
    with (
        left(**{INSTANCE: "gone22"}) as mine,
        left(LAST="1", **{INSTANCE: "gone22"}) as later,
        left(**{INSTANCE: "gone222"}) as other,
        left(**{f"X_{INSTANCE}": "gone22"}) as unlike,
        left(VALUE=f"{INSTANCE}=gone22") as mentions,
    ):
        await Leftovers(Cgroups(None)).end("gone22")
        assert has_ended(mine)
        assert has_ended(later)
        assert not any(map(has_ended, (other, unlike, mentions)))


@bounded
async def test_one_look_is_enough_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[set[str]] = []

    def look(is_left: Callable[[bytes], bool]) -> None:
        looks.append({each for each in names if is_left(f"A=1\0{INSTANCE}={each}\0".encode())})

    names = [f"gone{number}" for number in range(50)]
    monkeypatch.setattr(leftovers, "_kill", look)
    ends = Leftovers(Cgroups(None))
    await asyncio.gather(*map(ends.end, names))
    assert set().union(*looks) == set(names)
    assert len(looks) < 5


@bounded
async def test_groups_are_filled_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, list[int]]] = []

    class Groups(Cgroups):
        def hold(self, instance: str, pids: list[int]) -> None:
            done.append((f"hold {instance}", pids))

        def end(self, instance: str) -> None:
            done.append((f"end {instance}", []))

    below = proc.Stat(8, "S", 7, 7, 0.0, 1.0)
    monkeypatch.setattr(proc, "below", lambda pid: [below] if pid == 7 else [])
    kept = Leftovers(Groups(None))
    kept.hold("abc234", 7)
    await kept.end("abc234")
    assert done == [("hold abc234", [7]), ("hold abc234", [8]), ("end abc234", [])]


def test_nobody_ends_itself_or_whom_it_goes_back_to_or_looks_after() -> None:
    script = """
import subprocess
from streamlit_controls.manager import leftovers
child = subprocess.Popen(["sleep", "600"])
leftovers._kill(lambda variables: leftovers._instance(variables) == "whole2")
print(child.poll())
child.kill()
child.wait()
"""
    outer = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {script!r}], check=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", outer],
        env={**os.environ, INSTANCE: "whole2"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("None\n", 0), done.stderr


def test_what_no_manager_saw_the_end_of(tmp_path: Path) -> None:
    home = f"{tmp_path}/state/homes/app"
    own = proc.stat(os.getpid())
    with (
        left(**{INSTANCE: "alive2", "HOME": home}) as alive,
        left(**{INSTANCE: "reused", "HOME": home}) as reused,
        left(**{INSTANCE: "unsung", "HOME": home}) as unsung,
        left(**{INSTANCE: "unsung", "HOME": f"{tmp_path}/state2/homes/app"}) as other,
        left(HOME=home) as unmarked,
    ):
        known = [
            instance("alive2", pid=own.pid, birth=own.birth),
            instance("reused", pid=own.pid, birth=own.birth + 1),
        ]
        end_strangers(tmp_path / "state", known)
        assert has_ended(reused)
        assert has_ended(unsung)
        assert not any(map(has_ended, (alive, other, unmarked)))
        end_all(tmp_path / "state")
        assert has_ended(alive)
        assert not any(map(has_ended, (other, unmarked)))


@bounded
async def test_what_cannot_be_killed_keeps_nobody_for_ever(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(leftovers, "PATIENCE", 0.2)
    monkeypatch.setattr(proc, "tell", lambda *_: None)
    with left(**{INSTANCE: "immune"}) as pid:
        await Leftovers(Cgroups(None)).end("immune")
        assert f"cannot be killed: pid {pid}" in caplog.text
        monkeypatch.undo()
