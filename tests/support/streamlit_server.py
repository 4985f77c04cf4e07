"""One Streamlit app in a process of its own, without the controller."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

# A socket that says it is of TCP gets small answers sent at once, as in the controller's own.
_SERVE = (
    "import socket, sys, uvicorn, streamlit\n"
    "from streamlit.web import bootstrap\n"
    "bootstrap.load_config_options({'server_fileWatcherType': 'none'})\n"
    "config = uvicorn.Config(streamlit.App(sys.argv[1]), log_level='warning')\n"
    "uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[2]))])\n"
)
START = 60.0
"""Seconds in which it answers."""


@contextlib.contextmanager
def serving(script: Path, log: Path, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve a script on a free port; give its address, without a slash in the end.

    What the process writes goes to a log.
    """
    with _listener() as listening, log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(script), str(listening.fileno())],
            cwd=script.parent,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | dict(env or {}),
            pass_fds=[listening.fileno()],
            stdout=output,
            stderr=output,
        )
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        # The socket listens already: the first answer comes when the app is there.
        answer = httpx.get(f"{url}/_stcore/health", timeout=START, trust_env=False)
        assert answer.is_success
        yield url
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=15)


def _listener() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    return listener
