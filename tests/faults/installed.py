"""A project that is run by a copy of this code, which a test may break or upgrade."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.faults import scripts
from tests.faults.asking import Wire
from tests.faults.load import Load
from tests.journeys import stock
from tests.journeys.project import CODE, COMMAND, COMMAND_SECONDS, SampleProject

MANAGER, KEEPER = "streamlit_controls.manager --project", "streamlit_controls.keeper"
PLAIN = "warm = false\n"
SAYS = "three was run"

TABS = {"one": 3}
PATHS = ("/", "/app/one/", "/app/one/_stcore/host-config", "/app/three/", "/app/three/api/")
"""What a load asks for, of a project that is installed."""


@dataclass
class Installed(SampleProject):
    """A project and the code that runs it, in one folder."""

    @property
    def code(self) -> Path:
        return self.root.with_name("code")

    def run(self, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a verb as a person would; expect its exit code, unless None."""
        done = subprocess.run(
            [str(self.code / COMMAND.name), "--project", str(self.root), *arguments],
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd="/",
        )
        if code is not None:
            assert done.returncode == code, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    @contextmanager
    def edited(self, name: str, old: str, new: str) -> Iterator[None]:
        """Have another text in a file of the code, for as long as this lasts."""
        file = self.code / "streamlit_controls" / name
        text = file.read_text()
        assert old in text, f"{name} has no {old!r} any more"
        file.write_text(text.replace(old, new))
        try:
            yield
        finally:
            file.write_text(text)

    def sockets(self, word: str) -> set[int]:
        """Return the ports of which the manager, or the keeper, has the sockets."""
        connections = psutil.Process(self.process(word).pid).net_connections("tcp")
        return {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}


@contextmanager
def install(folder: Path) -> Iterator[Installed]:
    """Give a project that runs: `one` for tabs, `two` to sleep, `three` with a service, for verbs.

    A new manager has no zygotes yet: what is to start at once starts without.
    """
    copy_code(folder / "code")
    project = Installed.make(folder / "project")
    assert isinstance(project, Installed)
    project.add("one", scripts.COUNTER)
    project.add("two", scripts.COUNTER, app_toml=PLAIN)
    says = f"{scripts.COUNTER}print({SAYS!r}, flush=True)\n"
    service = project.add("three", says, app_toml=f"{PLAIN}{scripts.SERVICE_MANIFEST}{PLAIN}")
    (service / "served.py").write_text(scripts.SERVICE)
    try:
        project.run("start")
        yield project
    finally:
        project.end()


def copy_code(into: Path) -> None:
    """Copy the code, and its environment by links: what is replaced there stays here."""
    subprocess.run([COMMAND, "--version"], check=True, stdout=subprocess.DEVNULL)
    without = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("streamlit_controls", "streamlit_site"):
        shutil.copytree(CODE / name, into / name, ignore=without)
    for name in (COMMAND.name, "requirements.lock"):
        shutil.copy(CODE / name, into / name)
    state = into / ".state"
    shutil.copytree(CODE / ".state/venv", state / "venv", symlinks=True, copy_function=stock.link)


async def status(project: Installed) -> dict[str, Any]:
    return await asyncio.to_thread(project.status)


def pids(document: dict[str, Any], app: str, *states: str) -> list[int]:
    """Return the processes of an app and its services, all or those in one of these states."""
    page = document["apps"][app]
    instances = (each for unit in (page, *page["services"].values()) for each in unit["instances"])
    return [each["pid"] for each in instances if not states or each["state"] in states]


async def wakes(project: Installed, app: str) -> bool:
    """Tell whether somebody who comes to an app that sleeps finds it there."""
    visitor = Wire(project.url)
    answer = await visitor.follow(f"/app/{app}/_stcore/host-config", Referer=project.url)
    visitor.close()
    return answer.status == 200


def nothing_lost(load: Load) -> None:
    report = load.report()
    assert report.failed == (), report.failed
    assert report.breaks == (), report.breaks
    assert report.wrong == (), report.wrong
    assert report.runs > report.tabs
