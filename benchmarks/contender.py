"""What all that hosts Streamlit apps has in common, seen from outside."""

import os
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import psutil

from benchmarks import processes
from benchmarks.client import Visitor
from benchmarks.environments import PLAIN
from benchmarks.sample import App

PATIENCE = 600.0
"""Seconds for anything that a contender is asked to do."""
STOP_PATIENCE = 20.0


class Unsupported(Exception):
    """A contender cannot do this; the text says why."""


class Contender(ABC):
    """Hosts apps below a folder of its own; made, it can be launched and stopped many times."""

    name: ClassVar[str]
    venv: ClassVar[Path] = PLAIN
    """The environment of its apps."""
    sleeps: ClassVar[bool] = False
    """Whether it can put apps to sleep."""
    most: ClassVar[int | None] = None
    """How many apps it takes within minutes, where that is not as many as anybody wants."""

    def __init__(self, folder: Path, apps: Sequence[App], *, asleep: bool = False) -> None:
        """Keep everything in `folder`; `asleep`: all apps are to sleep once it is launched."""
        self.folder = folder
        self.apps = list(apps)
        self.asleep = asleep
        self.home = folder / "home"
        self._output = folder / "output.log"
        self.home.mkdir()

    @classmethod
    @abstractmethod
    def version(cls) -> str:
        """Return what is measured, for the report; raise Unsupported where it is not here."""

    @abstractmethod
    def prepare(self) -> None:
        """Write what it needs, once, before all else; nothing of that is measured."""

    @abstractmethod
    def launch(self) -> None:
        """Set everything going, at once."""

    @abstractmethod
    def page(self, app: App) -> str:
        """Return the address that visitors open."""

    def direct(self, app: App) -> str:  # noqa: ARG002 - for those that can
        """Return the address of the app's own process, past the gateway."""
        raise Unsupported(f"{self.name} has no gateway")

    def sleep(self, app: App) -> None:  # noqa: ARG002
        """Put an app to sleep."""
        raise Unsupported(f"{self.name} keeps every app running")

    def status_command(self) -> list[str]:
        """Return the command that tells how all apps are doing."""
        raise Unsupported(f"{self.name} has no such command")

    def supervisors(self) -> list[psutil.Process]:
        """Return the processes that watch over the apps."""
        raise Unsupported(f"{self.name} has no process that watches over apps")

    def wait(self) -> None:
        """Wait until every app shows its page, or until all sleep."""
        for app in self.apps:
            with Visitor(self.page(app), app.kind) as visitor:
                visitor.first_render()

    def stop(self) -> None:
        """End everything."""
        processes.end(self.processes(), STOP_PATIENCE)

    def processes(self) -> list[psutil.Process]:
        """Return all of its processes, helpers included."""
        return processes.processes_of(self.folder)

    def environment(self) -> dict[str, str]:
        """Return the variables that its processes get: nothing of whoever runs the benchmarks."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"}

    def spawn(self, command: Sequence[str], cwd: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a process of its own, its output in a file."""
        with self._output.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=cwd or self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def last_words(self) -> str:
        """Return the end of what its processes have printed."""
        return self._output.read_text()[-2000:] if self._output.exists() else ""

    def call(self, command: Sequence[str]) -> str:
        """Run a command to its end; return what it prints."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def close(self) -> None:
        """End everything, and remove the folder."""
        try:
            self.stop()
        finally:
            processes.end(self.processes(), STOP_PATIENCE)
            shutil.rmtree(self.folder)


def until(true: Callable[[], bool], what: str, *, patience: float = PATIENCE) -> None:
    """Wait until something is so; looked at often, since nothing tells."""
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {patience:.0f} s")
        time.sleep(0.05)


def streamlit_run(venv: Path, script: Path, port: int, *options: str) -> list[str]:
    """Return the command that people start an app with."""
    command = [str(venv / "bin" / "streamlit"), "run", str(script), "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true"]
    return [*command, "--browser.gatherUsageStats", "false", *options]
