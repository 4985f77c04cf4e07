"""Makes a virtual environment that holds exactly what a lock file says, once, whoever asks.

What is made is marked by a copy of the lock file in it, written last; without the mark it counts
as half-made and is made anew.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit_controls.bootstrap import installer
from streamlit_controls.bootstrap.progress import Progress
from streamlit_controls.bootstrap.running import run

MARKER = "requirements.lock"


def prepare(lock: Path, venv: Path) -> Path:
    """Return the Python of the environment, made if need be; wait for another that makes it."""
    python = venv / "bin" / "python"
    venv.parent.mkdir(parents=True, exist_ok=True)
    progress = Progress()
    with _alone(venv, progress):
        wanted = lock.read_text()
        if not (_mark(venv) == wanted and _runs(python)):
            _make(lock, venv, progress)
            _write(venv / MARKER, wanted)
            progress.done()
    return python


def _make(lock: Path, venv: Path, progress: Progress) -> None:
    python, base = venv / "bin" / "python", _base_python()
    whole = _mark(venv) is not None and _runs(python)
    environment = installer.uv_environment(venv.parent / "cache" / "uv")
    uv = installer.find_uv(environment) or (str(venv / "bin" / "uv") if whole else None)
    if whole:
        (venv / MARKER).unlink()
    else:
        if venv.exists():
            shutil.rmtree(venv)
        version = ".".join(map(str, sys.version_info[:3]))
        progress.step(f"making {venv.parent.name}/{venv.name} with Python {version}")
        command = [uv, "venv", "--quiet", "--no-project"] if uv else [base, "-m", "venv"]
        by = ["--python", base] if uv else []
        run([*command, *by, str(venv)], environment, progress, "the environment could not be made")
    if uv is None:
        uv = installer.fetch_uv(lock, venv, progress)
    progress.step(f"installing {len(installer.pins(lock))} packages from {lock.name}")
    install = ["pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode"]
    command = [uv, *install, "--python", str(python), str(lock)]
    run(command, environment, progress, "the packages could not be installed")


def _base_python() -> str:
    """Return this Python without links, so that its end is seen when the system replaces it."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _runs(python: Path) -> bool:
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-IS", "-c", check], check=False).returncode == 0
    except OSError:
        return False


def _mark(venv: Path) -> str | None:
    try:
        return (venv / MARKER).read_text()
    except FileNotFoundError:
        return None


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


@contextmanager
def _alone(venv: Path, progress: Progress) -> Iterator[None]:
    with venv.with_name(f"{venv.name}.lock").open("a") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.step("another call is at it: waiting for it")
            fcntl.flock(guard, fcntl.LOCK_EX)
        # Our steps inherit the lock: where we are killed, the next call waits for their end too.
        os.set_inheritable(guard.fileno(), True)
        yield
