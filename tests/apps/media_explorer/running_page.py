"""The page as people run it: `streamlit run app.py` in a copy of the app's folder."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.apps.media_explorer.conftest import APP
from tests.support.ports import free_port
from tests.support.waiting import until

END_SECONDS = 20


@dataclass
class RunningPage:
    """A copy of the app, its process and its address; `url` has no slash at its end."""

    root: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def app(self) -> Path:
        return self.root / "media-explorer"

    @property
    def config(self) -> Path:
        return self.app / "media_server" / "media_service.toml"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        options = {"server.port": self.port, "server.headless": "true"}
        command += [f"--{key}={value}" for key, value in options.items()]
        # Its own files, not those of whoever runs the tests.
        own = {"CACHE_DIR": str(self.root / "cache"), "DATA_DIR": str(self.root / "data")}
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.app,
                env=os.environ | own | {"PYTHONDONTWRITEBYTECODE": "1"} | dict(self.environment),
                stdout=log,
                stderr=log,
            )
        until(self._answers, f"an answer of the page: {self.root / 'log'}", 60)

    def listening(self) -> set[int]:
        """The ports on which its process listens."""
        found = psutil.Process(self.pid).net_connections("tcp")
        return {each.laddr.port for each in found if each.status == psutil.CONN_LISTEN}

    def end(self) -> int:
        """Stop it as a supervisor does, and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(END_SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait(END_SECONDS)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.root / "log").read_text()
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/_stcore/health", trust_env=False).is_success
        return False


def copy_of_app(root: Path, *, config: str = "", secrets: str = "") -> RunningPage:
    """A copy that has not been started, with its configuration and the page's secrets."""
    page = RunningPage(root)
    unwanted = shutil.ignore_patterns("__pycache__", "secrets.toml", "media_service.toml")
    shutil.copytree(APP, page.app, ignore=unwanted)
    if config:
        page.config.write_text(config, encoding="utf-8")
    if secrets:
        (page.app / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
    return page


@contextlib.contextmanager
def running(page: RunningPage, **environment: str) -> Iterator[RunningPage]:
    """Run a page, which looks for edits of its code only if the environment says so.

    Looking takes more of each session's first run than the page itself.
    """
    page.environment = {"STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none", **environment}
    page.start()
    try:
        yield page
    finally:
        page.end()
