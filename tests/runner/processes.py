"""Starts the runner's programs as the manager does."""

import contextlib
import http.client
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from streamlit_controls.manager.listeners import listen
from tests.support.waiting import PATIENCE

RUNNER = Path(__file__).resolve().parent.parent.parent / "streamlit_controls/runner"


class Started:
    """A process of the runner, its port and its reports."""

    def __init__(
        self, process: subprocess.Popen[bytes], port: int, reports: int, log: Path
    ) -> None:
        self.process = process
        self.port = port
        self._reports = reports
        self._log = log
        self._rest = b""

    def log(self) -> str:
        return self._log.read_text()

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Return the status and the text of an answer; the socket waits while it starts."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def report(self, **wanted: Any) -> dict[str, Any]:
        """Return the next report that says all this; fail when time is up or the pipe ends."""
        return self.report_that(lambda said: wanted.items() <= said.items(), str(wanted))

    def report_that(self, good: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Return the next report that is good."""
        until, last = time.monotonic() + PATIENCE, b""
        while time.monotonic() < until:
            while b"\n" in self._rest:
                last, _, self._rest = self._rest.partition(b"\n")
                values: dict[str, Any] = json.loads(last)
                if good(values):
                    return values
            if select.select([self._reports], [], [], 0.2)[0]:
                data = os.read(self._reports, 65536)
                assert data, f"the process ended; its last report was {last!r}; {self.log()}"
                self._rest += data
        raise AssertionError(f"no report said {what}; the last was {last!r}; {self.log()}")

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def running(
    program: str,
    *arguments: str,
    cwd: Path,
    python: str | Path = sys.executable,
    probe: socket.socket | None = None,
) -> Iterator[Started]:
    """Run one of the runner's programs on sockets of its own, with a service's `probe`."""
    read, write = os.pipe()
    log = cwd.parent / f"{cwd.name}.log"
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listen("127.0.0.1", 0))
        passed = [listener.fileno(), write]
        command = [str(python), str(RUNNER / program), *arguments]
        command += ["--fd", str(listener.fileno()), "--report-fd", str(write)]
        if probe is not None:
            passed.append(probe.fileno())
            command += ["--probe-fd", str(probe.fileno())]
        if program == "page.py":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            upstream = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            upstream.bind(f"{folder}/s")
            upstream.listen(8)
            upstream.setblocking(False)
            passed.append(upstream.fileno())
            command += ["--upstream-fd", str(upstream.fileno())]
        output = stack.enter_context(log.open("ab"))
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            pass_fds=passed,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        os.close(write)
        try:
            yield Started(process, listener.getsockname()[1], read, log)
        finally:
            process.kill()
            process.wait()
            os.close(read)
