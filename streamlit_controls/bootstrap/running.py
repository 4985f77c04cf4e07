"""Runs the steps of a set-up and says in one message why one failed."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping

from streamlit_controls.bootstrap.progress import Progress

LAST_LINES = 12
HINTS = {
    r"ensurepip": (
        "install Python's venv module (Debian, Ubuntu: apt install python3-venv); where it is "
        "there, see that the disk is not full"
    ),
    r"No space left|Disk quota": "free some disk space (500 MB) and try again",
    r"Permission denied|Read-only file system": "this account needs to write to the project",
    r"(?i)hash(es)? mismatch|do not match the hashes|not match": (
        "the package index serves other files than were locked; try again, or another index"
    ),
    r"(?i)certificate|UnknownIssuer": (
        "the certificate of a proxy is unknown to this system: install it, or set SSL_CERT_FILE"
    ),
    r"(?i)connect|fetch|resolve|network|proxy|timed? ?out|retr|no matching distribution": (
        "check the network; behind a proxy set HTTPS_PROXY, for an index of your own set "
        "UV_DEFAULT_INDEX and PIP_INDEX_URL; then try again"
    ),
}


class SetupError(Exception):
    """The environment cannot be made; says what went wrong and what to do."""

    def __init__(self, message: str, hint: str, output: str = "") -> None:
        super().__init__(message)
        lines = [line for line in output.strip().splitlines() if "WARNING: Retrying" not in line]
        shown = [f"  {line}" for line in lines[-LAST_LINES:]]
        self.text = "\n".join([f"Error: {message}", *shown, f"Hint: {hint}"])


def run(
    command: list[str], environment: Mapping[str, str], progress: Progress, failure: str
) -> None:
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        close_fds=False,
    ) as process:
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=1)
                    break
                except subprocess.TimeoutExpired:
                    progress.tick()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        progress.end()
        raise SetupError(failure, _hint(output), output)


def _hint(output: str) -> str:
    for pattern, hint in HINTS.items():
        if re.search(pattern, output):
            return hint
    return "try again; what was half-made is made anew"
