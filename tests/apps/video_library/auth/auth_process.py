"""The auth service in a process of its own, on a socket that was opened before it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.apps.video_library.auth.conftest import SERVICE

QUICK = {
    "ARGON2_MEMORY_KIB": "8",
    "ARGON2_TIME_COST": "1",
    "SIGN_UPS_PER_CLIENT": "100000",
}
"""Settings with which a sign-up costs as little as can be."""


class AuthProcess:
    """uvicorn with the service; what it says is in a file."""

    def __init__(self, listening: socket.socket, data: Path, settings: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._said = data.with_name(f"{data.name}.log")
        known = {"DATA_DIR": str(data), "PYTHONDONTWRITEBYTECODE": "1"}
        with self._said.open("ab") as said:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "uvicorn", "video_auth.main:app"),
                    *("--fd", str(listening.fileno())),
                ],
                cwd=SERVICE,
                env=os.environ | known | settings,
                pass_fds=[listening.fileno()],
                stdout=said,
                stderr=said,
            )

    @property
    def said(self) -> str:
        return self._said.read_text()

    def wait(self) -> int:
        """Return the exit code of a process that is ending."""
        return self.process.wait(timeout=20)

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.wait()

    def end(self) -> None:
        """End it as a supervisor does; it has to end in order."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.wait()
        finally:
            self.kill()
        assert "Application shutdown complete" in self.said
        assert "Traceback" not in self.said


@contextmanager
def auth_process(data: Path, **settings: str) -> Iterator[AuthProcess]:
    """Run the service over a folder; the first request waits until it has started."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # uvicorn takes what --fd names for a Unix socket, and would leave 40 ms of delay to TCP.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        process = AuthProcess(listening, data, QUICK | settings)
    try:
        yield process
    finally:
        process.kill()


def client_of(process: AuthProcess, visitor: str = "") -> httpx.Client:
    """Return a client as the web API is one; the visitor's address is passed on."""
    headers = {"X-Forwarded-For": visitor} if visitor else {}
    return httpx.Client(base_url=process.url, headers=headers, timeout=30, trust_env=False)
