"""The web API and the auth service in processes of their own, on sockets opened before them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.waiting import until

APP = Path(__file__).resolve().parents[3] / "apps" / "video-library"
AUTH = APP / "auth"
WEB_API = APP / "web_api"
PATIENCE = 60.0
"""Seconds in which a process answers, or ends."""


@dataclass
class ServiceProcess:
    """uvicorn with one of the two, which ends with `end` or `kill`."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    listening: socket.socket = field(repr=False)

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self) -> None:
        """Wait until it answers."""
        until(self._is_ready, f"the start of {self.url}", PATIENCE)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.said
        try:
            # The socket listens already: the first answer comes when the process is ready.
            return httpx.get(f"{self.url}/health", timeout=2, trust_env=False).is_success
        except httpx.TimeoutException:
            return False

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End it as a power failure does."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.listening.close()

    def end(self) -> None:
        """End it as a supervisor does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(PATIENCE)
        self.listening.close()


def start_service(
    folder: Path,
    application: str,
    environment: Mapping[str, str],
    log: Path,
    *,
    program: Sequence[str] = ("-m", "uvicorn"),
    arguments: Sequence[str] = (),
    listening: socket.socket | None = None,
) -> ServiceProcess:
    """Start one; it may not be ready yet. With `listening`, beside another one of that socket."""
    listening = listening.dup() if listening else socket.create_server(("127.0.0.1", 0))
    # uvicorn takes what --fd names for a Unix socket, and would leave 40 ms of delay to TCP.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, *program, application, "--fd", str(listening.fileno())),
                *("--timeout-graceful-shutdown", "2", *arguments),
            ],
            cwd=folder,
            env=_clean(os.environ) | {"PYTHONDONTWRITEBYTECODE": "1"} | dict(environment),
            pass_fds=[listening.fileno()],
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    return ServiceProcess(url, process, log, listening)


def start_auth(folder: Path, environment: Mapping[str, str] | None = None) -> ServiceProcess:
    """Start the auth service with its data in a folder."""
    settings = {"DATA_DIR": str(folder / "data"), **(environment or {})}
    return start_service(AUTH, "video_auth.main:app", settings, folder / "auth.log")


def start_web_api(
    folder: Path,
    auth_url: str,
    environment: Mapping[str, str] | None = None,
    *,
    listening: socket.socket | None = None,
) -> ServiceProcess:
    """Start the web API with its data in a folder, unless the environment says otherwise."""
    settings = {"DATA_DIR": str(folder / "data"), "AUTH_URL": auth_url, **(environment or {})}
    log = folder / "web_api.log"
    return start_service(WEB_API, "video_api.main:app", settings, log, listening=listening)


@contextmanager
def running(*services: ServiceProcess) -> Iterator[None]:
    """Wait until all answer; end them afterwards."""
    try:
        for each in services:
            each.wait()
        yield
    finally:
        for each in services:
            each.end()


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what would be settings of theirs."""
    ours = ("MONGODB_URI", "DATA_DIR", "AUTH_URL", "ROOT_PATH", "PAGE_ORIGINS")
    return {name: value for name, value in environment.items() if name not in ours}
