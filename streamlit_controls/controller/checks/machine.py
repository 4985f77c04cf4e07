"""Is this machine fit: Python, our own environment, the programs in it, disk and descriptors."""

import os
import platform
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from streamlit_controls import disk as disks
from streamlit_controls.controller.checks.check import Check, fail, ok, warn
from streamlit_controls.project import CODE_ROOT, Project

ENOUGH_DISK = 2 * 1024**3
LITTLE_DISK = 500 * 1024**2
ENOUGH_FILES = 4096
PROGRAM_SECONDS = 20.0


def python(_: Project) -> Iterator[Check]:
    yield ok("Python", f"{platform.python_version()}, {sys.executable}")


def setup(_: Project) -> Iterator[Check]:
    venv, lock = CODE_ROOT / ".state" / "venv", CODE_ROOT / "requirements.lock"
    if Path(sys.prefix) != venv:
        yield warn("set-up", f"runs in {sys.prefix}", "call ./streamlit_controller instead")
    elif (venv / lock.name).read_bytes() == lock.read_bytes():
        yield ok("set-up", f"{venv} holds what requirements.lock says")
    else:
        yield fail("set-up", f"{venv} is not up to date", f"delete {venv} and call this again")


def programs(_: Project) -> Iterator[Check]:
    for name, arguments in (("uv", ["--version"]), ("caddy", ["version"])):
        yield _program(name, arguments)


def disk(project: Project) -> Iterator[Check]:
    lacking = list(disks.lacking(project))
    for problem in lacking:
        yield fail("disk", problem.message, problem.hint)
    if lacking:
        return
    free = shutil.disk_usage(disks.existing(project.state)).free
    text = f"{free / 1024**3:.1f} GB free for {project.state}"
    hint = "an environment takes 300 MB and more: free some space"
    if free >= ENOUGH_DISK:
        yield ok("disk", text)
    elif free >= LITTLE_DISK:
        yield warn("disk", text, hint)
    else:
        yield fail("disk", text, hint)


def open_files(_: Project) -> Iterator[Check]:
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY or limit >= ENOUGH_FILES:
        yield ok("open files", "no limit" if limit == resource.RLIM_INFINITY else f"up to {limit}")
        return
    raised = most == resource.RLIM_INFINITY or most >= ENOUGH_FILES
    how = f"ulimit -n {ENOUGH_FILES}" if raised else "raise nofile in /etc/security/limits.conf"
    yield warn("open files", f"up to {limit}: few for many visitors", f"{how}, then start anew")


def _program(name: str, arguments: list[str]) -> Check:
    program = Path(sys.executable).parent / name
    repair = f"delete {CODE_ROOT / '.state' / 'venv'} and call this again"
    if not program.exists():
        return fail(name, f"{program} is not there", repair)
    try:
        done = subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            timeout=PROGRAM_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return fail(name, f"{program} does not run: {error}", repair)
    if done.returncode:
        return fail(name, f"{program} ends with code {done.returncode}", repair)
    version = done.stdout.split()
    return ok(name, f"{version[0] if name == 'caddy' else version[1]}, {program}")


def write_access(project: Project) -> Iterator[Check]:
    bad = [path for path in _written(project) if not os.access(disks.existing(path), os.W_OK)]
    for path in bad:
        yield fail("write access", f"{path} cannot be written", "change its owner or its mode")
    if not bad:
        yield ok("write access", f"to {project.root}")


def _written(project: Project) -> tuple[Path, ...]:
    return (project.state, project.logs, project.apps, project.config_file)
