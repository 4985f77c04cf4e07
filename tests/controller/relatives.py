"""Processes that look like a project's own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from streamlit_controls.project import Project

LISTENS = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()
"""


def marked(project: Project) -> dict[str, str]:
    """Return variables as an instance has them."""
    return {
        "STREAMLIT_CONTROLLER_INSTANCE": "abc234",
        "HOME": str(project.state / "homes" / "hello"),
    }


def write_down(project: Project, pid: int, birth: float) -> None:
    """Have it written down that a process is an instance."""
    project.run.mkdir(parents=True, exist_ok=True)
    replicas = [{"unit": "hello", "instance": {"pid": pid, "birth": birth}}, {"instance": None}]
    project.state_file.write_text(json.dumps({"replicas": replicas}).ljust(4096))


def birth(pid: int) -> float:
    """Return the seconds from boot to a process's start."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


@contextmanager
def known(project: Project) -> Iterator[tuple[int, int]]:
    """Give a process that listens and of which the last manager wrote, and its port."""
    with listening({}) as (pid, port):
        write_down(project, pid, birth(pid))
        yield pid, port


@contextmanager
def listening(variables: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Give a process with these variables that listens, and its port."""
    command = [sys.executable, "-IS", "-c", LISTENS]
    with _process(command, variables) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())


@contextmanager
def called(project: Project, module: str) -> Iterator[int]:
    """Give a process whose command line is that of a module of ours for the project."""
    folder = project.root.with_name(f"{project.root.name}-code")
    _write(folder, module, "import sys\nprint(flush=True)\nsys.stdin.read()\n")
    command = [sys.executable, "-P", "-m", module, "--project", str(project.root)]
    with _process(command, {"PYTHONPATH": str(folder)}) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid


@contextmanager
def _process(command: list[str], variables: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command,
        env={"PATH": os.environ["PATH"], **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)


def _write(folder: Path, module: str, text: str) -> None:
    *packages, _ = parts = module.split(".")
    package = folder.joinpath(*packages)
    package.mkdir(parents=True, exist_ok=True)
    folder.joinpath(*parts).with_suffix(".py").write_text(text)
