"""Starts a project's keeper in the background and waits until its manager answers, or why not."""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from streamlit_controls.client import Client
from streamlit_controls.core.errors import (
    AlreadyRunning,
    ControllerError,
    ManagerNotRunning,
    RemoteError,
)
from streamlit_controls.project import CODE_ROOT, Project

READY_SECONDS = 60.0
"""How long a manager may take until it answers; no app is started by then."""

LAST_LINES = 12
KEEPER = "streamlit_controls.keeper"
ELSEWHERE = "Streamlit Controller is being started elsewhere, and does not answer"


class LaunchFailed(RemoteError):
    """The manager did not come up; carries the last lines of its log."""

    def __init__(self, message: str, hint: str, log: list[str]) -> None:
        super().__init__({"message": message, "hint": hint, "code": "manager-died"})
        self.log = log


def start_keeper(project: Project) -> Client:
    """Return a client for the manager that was started; raise why it did not come up."""
    project.logs.mkdir(parents=True, exist_ok=True)
    log = project.controller_log
    written = log.stat().st_size if log.exists() else 0
    process, ready = _spawn(project)
    try:
        line = _ready_line(ready)
    finally:
        os.close(ready)
    if line is None:
        process.terminate()
        raise LaunchFailed(
            f"the manager did not come up within {READY_SECONDS:.0f} s",
            f"see {log}",
            _last_lines(log, written),
        )
    if not line:
        raise LaunchFailed("the manager ended at once", f"see {log}", _last_lines(log, written))
    answer: dict[str, Any] = json.loads(line)
    if answer["ok"]:
        return wait_for_manager(project)
    process.wait(timeout=READY_SECONDS)  # told why, nothing of the try is left
    if answer["error"]["code"] == AlreadyRunning.code:
        raise AlreadyRunning(answer["error"]["message"])
    raise RemoteError(answer["error"])


def wait_for_manager(project: Project, otherwise: str = ELSEWHERE) -> Client:
    """Return a client once a manager that is on its way answers; raise ControllerError if not."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            client = Client.for_project(project)
            client.request("status")
            return client
        except ManagerNotRunning as error:
            if time.monotonic() > deadline:
                raise ControllerError(otherwise, f"see {project.controller_log}") from error
            time.sleep(0.1)


def become_keeper(project: Project) -> NoReturn:
    """Be the keeper from now on, in this very process, which a service manager looks after.

    What goes to the log in the background goes there all the same, and to stderr as well.
    """
    project.logs.mkdir(parents=True, exist_ok=True)
    with project.controller_log.open("ab") as log:
        os.dup2(log.fileno(), 1)
    os.chdir(project.root)
    command = _command(project)
    os.execve(command[0], command, _variables())  # noqa: S606


def _command(project: Project) -> list[str]:
    return [sys.executable, "-P", "-m", KEEPER, "--project", str(project.root)]


def _variables() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(CODE_ROOT)}


def _spawn(project: Project) -> tuple[subprocess.Popen[bytes], int]:
    ours, theirs = os.pipe()
    try:
        with project.controller_log.open("ab") as log:
            process = subprocess.Popen(
                [*_command(project), "--ready-fd", str(theirs)],
                cwd=project.root,
                env=_variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs],
                start_new_session=True,
            )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return process, ours


def _ready_line(ready: int) -> bytes | None:
    """Return the line that comes, nothing where the other end closed, None where time is up."""
    deadline = time.monotonic() + READY_SECONDS
    line = b""
    while not line.endswith(b"\n"):
        left = max(0.0, deadline - time.monotonic())
        if not select.select([ready], [], [], left)[0]:
            return None
        part = os.read(ready, 65536)
        if not part:
            return b""
        line += part
    return line


def _last_lines(log: Path, start: int) -> list[str]:
    with log.open("rb") as file:
        file.seek(start)
        return file.read().decode(errors="replace").splitlines()[-LAST_LINES:]
