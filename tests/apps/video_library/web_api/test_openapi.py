"""The description of the API is true: schemathesis tries each operation, as somebody signed in."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response

from tests.apps.video_library.web_api.serving import Api

CHECKS = Path(__file__).with_name("schemathesis.toml")


def test_the_api_does_what_its_description_says(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Signing out is tried, too, and is not to be the end of it.
    api.auth.answers["DELETE", "/sessions/current"] = Response(status_code=204)
    with api.visitor() as visitor:
        monkeypatch.setenv("SESSION", visitor.token)
        monkeypatch.setenv("VIDEO_ID", visitor.uploaded()["id"])
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CHECKS), "run"]
        command += [f"{api.url}/openapi.json", "--checks", "all", "--no-color"]
        command += ["--phases", "coverage,fuzzing"]
        # Whether an address or a file will do is not in any schema.
        command += ["--exclude-checks", "positive_data_acceptance"]
        command += ["--header", f"X-CSRF-Token: {visitor.csrf_token}"]
        tried = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
        assert tried.returncode == 0, tried.stdout[-8000:] + tried.stderr[-2000:]
        paths = httpx.get(f"{api.url}/openapi.json", trust_env=False).json()["paths"]
        operations = sum(len(each) for each in paths.values())
        assert re.search(rf"{operations} selected / {operations} total", tried.stdout)
