"""A log that grows without end is bounded, and costs nobody else anything."""

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from streamlit_controls.manager.upkeep import LOG_BYTES, LOG_PIECES
from tests.faults import scripts
from tests.faults.load import Load
from tests.faults.waiting import in_loop, until
from tests.journeys.project import COMMAND, SampleProject
from tests.support.streamlit_client import StreamlitClient

OTHERS = ("/", "/app/one/", "/app/one/_stcore/host-config", "/app/one/api/")

NOISY = (
    scripts.COUNTER
    + """
import sys
import threading

def shout(how):
    line = "x" * 999
    if how == "at once":
        print(f"{line}\\n" * 300_000)
    while os.path.exists("loud"):
        if how == "lines":
            print(line)
        elif how == "one line":
            sys.stdout.write(line)
    print(f"\\nthat was {how}")
    os.rename("shouting", "quiet")

if os.path.exists("loud"):
    with open("loud") as file:
        threading.Thread(target=shout, args=(file.read(),), daemon=True).start()
    os.rename("quiet", "shouting")
"""
)
"""Prints without end, as the file `loud` says, while it is there; `quiet` is there at the end."""

ROTATIONS = 4
"""How often a log is seen to shrink while it grows."""

MOST = 0.6
"""The share of one processor that a manager may use meanwhile; it is some hundredths."""


@pytest.fixture(scope="module")
def noisy(busy: SampleProject) -> Iterator[SampleProject]:
    """The busy project with one app more."""
    folder = busy.add("noisy", NOISY)
    (folder / "quiet").touch()
    busy.run("refresh", code=None)  # others of the project may be broken on purpose
    yield busy
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    busy.run("refresh", code=None)  # others of the project may be broken on purpose


class Shouting:
    """An app that prints without end, from its entry to its exit, and a look at its log."""

    def __init__(self, project: SampleProject, how: str) -> None:
        self._project = project
        self._how = how
        self._folder = project.root / "apps/noisy"
        self.log = project.root / "logs/noisy.log"
        self.shrunk = 0
        self._last = 0

    async def __aenter__(self) -> "Shouting":
        (self._folder / "loud").write_text(self._how)
        await asyncio.to_thread(self._visit)
        return self

    async def __aexit__(self, *_: object) -> None:
        (self._folder / "loud").unlink()
        await until((self._folder / "quiet").exists, "the end of the noise")

    def _visit(self) -> None:
        with StreamlitClient(f"{self._project.url}app/noisy/") as visitor:
            visitor.run()

    def look(self) -> int:
        """Return how often the log has been seen to shrink."""
        size = self.log.stat().st_size
        self.shrunk += size < self._last
        self._last = size
        return self.shrunk


@contextlib.contextmanager
def following(project: SampleProject, output: Path) -> Iterator[None]:
    """Follow the log by the command that people use."""
    command = [str(COMMAND), "--project", str(project.root), "logs", "noisy", "-f", "-n", "1"]
    with output.open("wb") as file, subprocess.Popen(command, stdout=file) as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.mark.parametrize("how", ["lines", "one line", "at once"])
@in_loop
async def test_an_app_that_prints_without_end(
    noisy: SampleProject, tmp_path: Path, how: str
) -> None:
    manager = psutil.Process(noisy.status()["manager"]["pid"])
    output = tmp_path / "followed"
    with following(noisy, output):
        async with Load(noisy.url, {"one": 3}, OTHERS) as load:
            before, began = sum(manager.cpu_times()[:2]), time.monotonic()
            async with Shouting(noisy, how) as shouting:
                wanted = 1 if how == "at once" else ROTATIONS
                await until(lambda: shouting.look() >= wanted, "rotations")
            used = (sum(manager.cpu_times()[:2]) - before) / (time.monotonic() - began)
            await until(lambda: is_bounded(shouting.log), "a log of its usual size")
        said = f"that was {how}".encode()
        await until(lambda: said in last(output), "the last line at who follows it", 60)
    report = load.report()
    assert report.failed == ()
    assert report.wrong == ()
    assert report.breaks == ()
    assert used < MOST
    assert manager.is_running()


@in_loop
async def test_a_log_that_is_deleted_meanwhile(noisy: SampleProject) -> None:
    async with Shouting(noisy, "lines") as shouting:
        shouting.log.unlink()
        shouting.log = Path(f"/proc/{noisy.instance('noisy')['pid']}/fd/1")
        await until(lambda: shouting.look() >= ROTATIONS, "cuts")
        assert complaints(noisy) == ["logs/noisy.log was deleted while noisy writes to it"]
    await until(lambda: shouting.log.stat().st_size <= LOG_BYTES, "a log of its usual size")
    noisy.run("restart", "noisy")
    await until(lambda: not complaints(noisy), "the end of the old instance", 60)
    assert (noisy.root / "logs/noisy.log").exists()


def complaints(project: SampleProject) -> list[str]:
    """Return what `status` says of the logs."""
    problems = project.status()["manager"]["problems"]
    return [each["message"] for each in problems if each["path"] == "logs"]


def is_bounded(log: Path) -> bool:
    """Tell whether a log and its pieces are as large as they may be."""
    pieces = []
    for path in log.parent.glob(f"{log.name}.[0-9]*"):
        with contextlib.suppress(FileNotFoundError):  # it has another number by now
            pieces.append(path.stat().st_size)
    return log.stat().st_size <= LOG_BYTES and 0 < len(pieces) <= LOG_PIECES


def last(file: Path) -> bytes:
    with file.open("rb") as reader:
        reader.seek(-min(4096, os.fstat(reader.fileno()).st_size), os.SEEK_END)
        return reader.read()
