"""A program that is run for its result, and what becomes of it when nobody waits for that."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from streamlit_controls.manager import program
from tests.support.asynchronous import bounded
from tests.support.processes import has_ended
from tests.support.waiting import until

FAMILY = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path("child").write_text(str(child.pid))
time.sleep(600)
"""

ESCAPED = """
import os, pathlib, sys, time
if not os.fork():
    os.setsid()
    pathlib.Path("made").write_text(str(os.getpid()))
    os.rename("made", "child")
    time.sleep(600)
print("done")
"""


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def child_in(folder: Path) -> int:
    """Return the pid that a program wrote down, once it has."""
    file = folder / "child"
    return int(until(lambda: file.read_text() if file.exists() else None, "its child"))


@bounded
async def test_its_result(tmp_path: Path) -> None:
    script = "import os, sys; print(os.getcwd()); print('no', file=sys.stderr); sys.exit(3)"
    found = await program.run(python(script), cwd=tmp_path, seconds=20)
    assert found == (3, f"{tmp_path}\n", "no\n")


@bounded
async def test_its_environment(tmp_path: Path) -> None:
    script = "import os; print(sorted(os.environ.keys() & {'ONLY', 'PATH'}))"
    _, out, _ = await program.run(
        python(script), cwd=tmp_path, seconds=20, env={"ONLY": "this", "LC_ALL": "C.UTF-8"}
    )
    assert out == "['ONLY']\n"


@bounded
async def test_one_that_takes_too_long_is_gone_with_all_that_it_started(tmp_path: Path) -> None:
    task = asyncio.create_task(program.run(python(FAMILY), cwd=tmp_path, seconds=1.5))
    child = await asyncio.to_thread(child_in, tmp_path)
    with pytest.raises(TimeoutError):
        await task
    until(lambda: has_ended(child), "the end of its child")


@pytest.mark.parametrize("times", [1, 2, 3])
@bounded
async def test_its_end_is_seen_however_often_nobody_waits_any_more(
    tmp_path: Path, times: int
) -> None:
    task = asyncio.create_task(program.run(python(FAMILY), cwd=tmp_path, seconds=20))
    child = await asyncio.to_thread(child_in, tmp_path)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    until(lambda: has_ended(child), "the end of its child")


@bounded
async def test_who_left_it_and_holds_its_output_is_not_waited_for(tmp_path: Path) -> None:
    code, out, _ = await program.run(python(ESCAPED), cwd=tmp_path, seconds=20)
    os.kill(await asyncio.to_thread(child_in, tmp_path), signal.SIGKILL)
    assert (code, out) == (0, "done\n")
