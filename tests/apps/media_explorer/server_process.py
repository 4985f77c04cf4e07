"""A media server in a process of its own, listening on a socket that was opened before it."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

APP = Path(__file__).resolve().parents[3] / "apps" / "media-explorer"
SERVER = APP / "media_server"


@dataclass(frozen=True)
class RunningServer:
    """Where it listens, the folder that it was started in the copy of, and its process."""

    port: int
    root: Path
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running_server(root: Path, configuration: str) -> Iterator[RunningServer]:
    """uvicorn with a copy of the media server in `root`, until it is no longer needed."""
    copy = root / "media_server"
    shutil.copytree(SERVER, copy, ignore=shutil.ignore_patterns("__pycache__", "*.toml"))
    (copy / "media_service.toml").write_text(configuration, encoding="utf-8")
    folders = {"CACHE_DIR": str(root / "cache"), "DATA_DIR": str(root / "data")}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # uvicorn takes what --fd names for a Unix socket, and would leave 40 ms of delay to TCP.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "media_server:app", "--fd", str(listening.fileno())],
            cwd=copy,
            env=os.environ | folders | {"PYTHONDONTWRITEBYTECODE": "1"},
            pass_fds=[listening.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running = RunningServer(listening.getsockname()[1], root, process.pid)
    try:
        # The socket listens already: the first answer comes when the server is ready.
        assert httpx.get(f"{running.url}/health", timeout=30, trust_env=False).is_success
        yield running
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=15)
