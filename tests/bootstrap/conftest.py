"""A code root of its own, with a uv that does what a test says."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CODE_ROOT = Path(__file__).resolve().parents[2]

MAIN = """\
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "prefix": sys.prefix, "path": sys.path[0],
                  "variable": os.environ.get("PYTHONPATH"), "safe": sys.flags.safe_path}))
"""

UV = f"""\
#!{sys.executable} -IS
import json, os, subprocess, sys
arguments = sys.argv[1:]
if arguments == ["--version"]:
    print(os.environ.get("FAKE_UV_VERSION", "uv 0.13.8 (x86_64)"))
    sys.exit(0 if os.environ.get("FAKE_UV") != "broken" else 127)
names = ("UV_SYSTEM_CERTS", "UV_CACHE_DIR")
seen = {{"arguments": arguments, **{{name: os.environ.get(name) for name in names}}}}
with open(os.environ["FAKE_UV_LOG"], "a") as log:
    log.write(json.dumps(seen) + "\\n")
if arguments[0] == "venv":
    base = arguments[arguments.index("--python") + 1]
    subprocess.run([base, "-m", "venv", "--without-pip", arguments[-1]], check=True)
elif os.environ.get("FAKE_UV") == "waits":
    import socket
    socket.create_connection(("127.0.0.1", int(os.environ["FAKE_UV_GATE"])), 20).recv(1)
elif os.environ.get("FAKE_UV") == "fails":
    print(os.environ["FAKE_UV_OUTPUT"], file=sys.stderr)
    sys.exit(2)
"""

LOCK = """\
alpha==1.0 \\
    --hash=sha256:00
    # via -r requirements.in
uv==0.13.8 \\
    --hash=sha256:11 \\
    --hash=sha256:22
"""


class CodeRoot:
    """A copy of what a first call needs."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder = folder
        self.executable = folder / "streamlit_controller"
        self.lock = folder / "requirements.lock"
        self.venv = folder / ".state" / "venv"
        self.log = folder / "uv.log"
        self.environment = {
            "PATH": f"{bin_folder}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "FAKE_UV_LOG": str(self.log),
            "PYTHONPATH": "/somewhere/else",
        }

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.executable, *arguments],
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        with self.start(*arguments, **variables) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def asked(self) -> list[dict[str, Any]]:
        """What uv was called with."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text().splitlines()]


class Gate:
    """Where a uv that waits calls; it goes on when the call is closed."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        port = self.listener.getsockname()[1]
        self.variables = {"FAKE_UV": "waits", "FAKE_UV_GATE": str(port)}

    def uv_is_waiting(self) -> socket.socket:
        return self.listener.accept()[0]


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    with gate.listener:
        yield gate


@pytest.fixture
def root(tmp_path: Path) -> CodeRoot:
    folder, bin_folder = tmp_path / "code root", tmp_path / "bin"
    package = folder / "streamlit_controls"
    bin_folder.mkdir()
    shutil.copytree(
        CODE_ROOT / "streamlit_controls" / "bootstrap",
        package / "bootstrap",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(CODE_ROOT / "streamlit_controller", folder)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(MAIN)
    (folder / "requirements.lock").write_text(LOCK)
    (folder / "home").mkdir()
    (bin_folder / "uv").write_text(UV)
    (bin_folder / "uv").chmod(0o755)
    (bin_folder / "python3").symlink_to(sys.executable)
    return CodeRoot(folder, bin_folder)
