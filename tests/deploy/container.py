"""Runs an image that was laid out, as near to a container as is possible without an engine.

A sandbox stands for the container: the image's files and nothing else but the base system, all
read-only; a `/tmp` of its own; an ordinary account without capabilities; a network of its own
with nothing but loopback; the image's command as process 1. The machine's own Python and libraries
stand for the base image, and an environment that is there already for what RUN would have made.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamlit_controls.bubblewrap import bubblewrap
from tests.deploy.image import Image

ENVIRONMENT = Path(sys.prefix)
PYTHON = Path(os.path.realpath(sys.base_prefix))
SYSTEM = ("/usr", "/etc")
DEVICES = [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")]
"""Terminals are not among them: bubblewrap would make these in namespaces that only root enters."""
LINKS = {"/bin": "usr/bin", "/lib": "usr/lib", "/lib64": "usr/lib64", "/sbin": "usr/sbin"}

PATIENCE = 90.0
"""Seconds until it must be healthy, on a machine with much else to do."""


@dataclass
class Container:
    """An image that runs."""

    image: Image
    process: subprocess.Popen[bytes]
    first: int
    """The pid of its process 1, as this machine sees it."""
    output: Path
    variables: dict[str, str]

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command in it, as `docker exec` does."""
        inside = ["nsenter", "--target", str(self.first), "--preserve-credentials"]
        inside += ["--user", "--net", "--mount", "--pid", "--ipc", "--uts"]
        return subprocess.run(
            [*inside, "env", f"--chdir={self.image.workdir}", *command],
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def wait_healthy(self) -> None:
        """Wait until its own HEALTHCHECK says so, as an engine asks it."""
        until = time.monotonic() + PATIENCE
        while (said := self.run(self.image.healthcheck)).returncode:
            assert self.process.poll() is None, f"it has ended: {self.said}"
            assert time.monotonic() < until, f"{said.stdout}{said.stderr}{self.said}"
            time.sleep(0.1)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send its process 1 a signal; return the code with which it ends."""
        os.kill(self.first, number)
        return self.process.wait(PATIENCE)

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")


@contextmanager
def container(
    image: Image,
    folder: Path,
    *,
    stand_ins: Mapping[str, Path],
    volumes: Mapping[str, Path] | None = None,
    variables: Mapping[str, str] | None = None,
    command: list[str] | None = None,
) -> Iterator[Container]:
    """Run an image until the block ends; `stand_ins` and `volumes` are by their path in it."""
    uid, gid = image.user.split(":")
    shell = {"PATH": "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin", "HOME": "/"}
    known = shell | image.stage.variables | dict(variables or {})
    known["PATH"] = f"{known['PATH'].replace('$PATH', shell['PATH'])}:{PYTHON / 'bin'}"
    arguments = [*("--unshare-user", "--uid", uid, "--gid", gid), "--as-pid-1", "--unshare-pid"]
    arguments += ["--unshare-net", "--unshare-ipc", "--unshare-uts", "--new-session"]
    arguments += ["--die-with-parent", "--clearenv"]
    for path in SYSTEM:
        arguments += ["--ro-bind", path, path]
    for link, leads_to in LINKS.items():
        arguments += ["--symlink", leads_to, link]
    arguments += ["--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/dev", "--tmpfs", "/dev/shm"]
    for device in DEVICES:
        arguments += ["--dev-bind", device, device]
    mounts = {**stand_ins, **(volumes or {})}
    for path in mounts:
        (image.root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for top in sorted(image.root.iterdir()):
        arguments += ["--ro-bind", str(top), f"/{top.name}"]
    for shared in (PYTHON, ENVIRONMENT):
        arguments += ["--ro-bind", str(shared), str(shared)]
    for path, there in stand_ins.items():
        arguments += ["--ro-bind", str(there), path]
    for path, there in (volumes or {}).items():
        arguments += ["--bind", str(there), path]
    for key, value in known.items():
        arguments += ["--setenv", key, value]
    arguments += ["--remount-ro", "/", "--chdir", image.workdir]
    status, theirs = os.pipe()
    output = folder / "output"
    with output.open("wb") as said:
        process = subprocess.Popen(
            [str(bubblewrap()), *arguments, "--json-status-fd", str(theirs)]
            + (command or image.command),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=[theirs],
        )
    os.close(theirs)
    try:
        with os.fdopen(status) as told:
            line = told.readline()
            assert line, f"there is no sandbox: {output.read_text()}"
            yield Container(image, process, json.loads(line)["child-pid"], output, known)
    finally:
        process.kill()  # ends all that is in it
        process.wait(PATIENCE)
