"""A project in a temporary folder, run by the real command on ports of its own."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from streamlit_controls.client import Client
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.project import Project
from tests.journeys import stock
from tests.support.ports import free_block
from tests.support.waiting import until

CODE = Path(__file__).resolve().parents[2]
COMMAND = CODE / "streamlit_controller"

COMMAND_SECONDS = 240
"""What a command may take; the first one of all makes environments."""


@dataclass
class Page:
    """What a request got."""

    status: int
    body: str
    headers: Mapping[str, str]
    url: str


@dataclass
class SampleProject:
    """One project's folder, its command and its site."""

    root: Path
    port: int = field(default_factory=free_block)

    @classmethod
    def make(
        cls, root: Path, apps: Mapping[str, Any] | None = None, **more: Any
    ) -> "SampleProject":
        """Make a project without apps in its folder; `apps` and `more` go into config.json."""
        (root / "apps").mkdir(parents=True)
        project = cls(root)
        project.configure(apps or {}, **more)
        stock.lend(root / ".state")
        return project

    def share_nothing(self) -> None:
        """Have it make all that it needs by itself, as the first project on a machine does."""
        stock.take_back(self.root / ".state")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def config(self) -> Path:
        return self.root / "config.json"

    def configure(self, apps: Mapping[str, Any], **more: Any) -> None:
        """Write config.json anew."""
        document = {
            "website_port": self.port,
            "manager_port": self.port + 1,
            "first_app_port": self.port + 3,
            **more,
            "apps": dict(apps),
        }
        self.config.write_text(json.dumps(document, indent=2) + "\n")

    def add(self, key: str, script: str, **files: str) -> Path:
        """Add an app's folder, its script and further files (`app_toml` is app.toml)."""
        folder = self.root / "apps" / key
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(script)
        for name, text in files.items():
            (folder / name.replace("_", ".")).write_text(text)
        return folder

    def add_bundled(self, key: str) -> Path:
        """Add an app that the repository brings along, and the library that it may need."""
        unwanted = shutil.ignore_patterns("__pycache__")
        folder = self.root / "apps" / key
        shutil.copytree(CODE / "apps" / key, folder, ignore=unwanted)
        kit = self.root / "streamlit_kit"
        if not kit.exists():
            shutil.copytree(CODE / "streamlit_kit", kit, ignore=unwanted)
        return folder

    def run(self, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a verb as a person would; expect its exit code, unless None."""
        done = subprocess.run(
            [str(COMMAND), "--project", str(self.root), *arguments],
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

    def status(self) -> dict[str, Any]:
        """Return the status document, as `status --json` prints it but without a process for it."""
        return Client.for_project(Project(self.root)).request("status")

    def answers(self) -> bool:
        """Tell whether there is a manager to ask."""
        with contextlib.suppress(ControllerError):
            return bool(self.status())
        return False

    def instance(self, app: str) -> dict[str, Any]:
        """Return the first instance of an app."""
        found: dict[str, Any] = self.status()["apps"][app]["instances"][0]
        return found

    def get(self, path: str, **headers: str) -> Page:
        """Return what the site answers, whatever it is."""
        request = urllib.request.Request(self.url + path.lstrip("/"), headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Page(answer.status, answer.read().decode(), dict(answer.headers), answer.url)
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.read().decode(), dict(error.headers), error.url)

    def processes(self) -> list[psutil.Process]:
        """Return the processes that belong to this project, by their own telling."""
        found = []
        for process in psutil.process_iter(["cmdline", "cwd"]):
            words = [*(process.info["cmdline"] or ()), process.info["cwd"] or ""]
            if process.pid != os.getpid() and any(str(self.root) in word for word in words):
                found.append(process)
        return found

    def process(self, word: str) -> psutil.Process:
        """Return the one process of this project with a word on its command line."""
        found = [each for each in self.processes() if word in " ".join(each.info["cmdline"])]
        assert len(found) == 1, f"{word}: {found}"
        return found[0]

    def end(self) -> None:
        """Stop the project, however it is doing, and see that nothing is left of it."""
        self.run("stop", code=None)
        left = self.processes()
        what = [" ".join(each.info["cmdline"] or ["?"])[:200] for each in left]
        for process in left:
            process.kill()
        psutil.wait_procs(left, timeout=10)
        assert not left, f"left running: {what}"
        stock.keep(self.root / ".state")


def listening(port: int) -> bool:
    """Tell whether anybody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_running(project: SampleProject, app: str, *, other_than: int) -> dict[str, Any]:
    """Return an app's running instance once it has another pid."""

    def look() -> dict[str, Any] | None:
        for found in project.status()["apps"][app]["instances"]:
            if found["state"] == "running" and found["pid"] != other_than:
                return dict(found)
        return None

    return until(look, f"a new instance of {app}", 30)
