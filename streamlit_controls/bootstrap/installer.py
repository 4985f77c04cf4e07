"""Finds the uv that installs, or fetches it by pip."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from streamlit_controls.bootstrap.progress import Progress
from streamlit_controls.bootstrap.running import run

OLDEST_UV = (0, 4)
CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


def uv_environment(cache: Path) -> dict[str, str]:
    """Return the variables that uv runs with: system certificates, nothing outside the project."""
    return {
        "UV_SYSTEM_CERTS": "1",
        "UV_NATIVE_TLS": "1",  # the same for uv before 0.11; a newer one prefers the other
        "UV_CACHE_DIR": str(cache),
        **os.environ,
    }


def find_uv(environment: Mapping[str, str]) -> str | None:
    """Return the uv on PATH where it is one that works."""
    uv = shutil.which("uv")
    if uv is None:
        return None
    try:
        asked = subprocess.run(
            [uv, "--version"], env=environment, capture_output=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.match(rb"uv (\d+)\.(\d+)", asked.stdout)
    if asked.returncode or not version or tuple(map(int, version.groups())) < OLDEST_UV:
        return None
    return uv


def fetch_uv(lock: Path, venv: Path, progress: Progress) -> str:
    """Install the uv that the lock file pins, by pip; what pip brought goes with the sync."""
    python, pin = str(venv / "bin" / "python"), pins(lock)["uv"]
    progress.step(f"fetching {pin.split()[0].replace('==', ' ')} with pip")
    environment = dict(os.environ) | {
        "PIP_NO_CACHE_DIR": "1",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_USER": "0",
    }
    # Before 24.2, pip trusts only the certificates it brings, not the system's.
    known = subprocess.run(
        [python, "-m", "pip", "config", "list"], env=environment, capture_output=True, check=False
    ).stdout
    chosen = b"cert=" in known or {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"} & environment.keys()
    bundle = next(filter(os.path.exists, CERTIFICATES), None)
    if bundle and not chosen:
        environment["PIP_CERT"] = bundle
    requirements = venv / "uv.txt"
    requirements.write_text(pin)
    install = ["install", "--quiet", "--no-deps", "--require-hashes", "-r", str(requirements)]
    run([python, "-m", "pip", *install], environment, progress, "uv could not be fetched")
    requirements.unlink()
    return str(venv / "bin" / "uv")


def pins(lock: Path) -> dict[str, str]:
    """Return each package's part of a lock file, hashes included."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(==(?:.*\\\n)*.*\n)", lock.read_text(), re.MULTILINE)
    return {name: name + rest for name, rest in found}
