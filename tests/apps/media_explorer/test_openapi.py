"""The description of the API is true: schemathesis tries each operation, with and without token."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps.media_explorer.conftest import furnish, make_picture
from tests.apps.media_explorer.server_process import running_server

CHECKS = Path(__file__).with_name("schemathesis.toml")
CONFIGURATION = """
MEDIA_TYPES = ["png", "jpg", "mp4"]
[MEDIA_SOURCES.pictures]
media_folder = "../pictures"
[MEDIA_SOURCES.web]
media_links = ["https://example.org/b.jpg"]
"""


def test_the_server_does_what_its_description_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = furnish(tmp_path)
    for number in range(6):
        make_picture(folder / f"{number}.png")
    monkeypatch.setenv("MEDIA_SERVER_TOKEN", "a-token-that-only-tests-have")
    with running_server(tmp_path, CONFIGURATION) as server:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CHECKS), "run"]
        tried = subprocess.run(
            [*command, f"{server.url}/openapi.json", "--checks", "all", "--no-color"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert tried.returncode == 0, tried.stdout[-8000:] + tried.stderr[-2000:]
    assert "13 selected / 13 total" in tried.stdout
