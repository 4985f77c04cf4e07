"""Where the media server listens, and how it starts and fails to."""

import subprocess
import sys
from pathlib import Path

import media_server
import pytest
from media_error import MediaConfigError
from server_config import DEFAULT_HOST, DEFAULT_PORT, ServerConfig

from tests.apps.media_explorer.conftest import SERVER


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        (None, [], ServerConfig(DEFAULT_HOST, DEFAULT_PORT)),
        ('HOST = "::1"\nPORT = 9000\n', [], ServerConfig("::1", 9000)),
        ('PORT = "9000"\n', [], ServerConfig(DEFAULT_HOST, 9000)),
        ('HOST = "::1"\nPORT = 9000\n', ["127.0.0.2"], ServerConfig("127.0.0.2", 9000)),
        ('HOST = "::1"\nPORT = 9000\n', ["127.0.0.2", "0"], ServerConfig("127.0.0.2", 0)),
    ],
)
def test_the_command_line_wins_over_the_file(
    tmp_path: Path, text: str | None, arguments: list[str], expected: ServerConfig
) -> None:
    if text is not None:
        (tmp_path / "media_server.toml").write_text(text, encoding="utf-8")
    assert ServerConfig.load(tmp_path, arguments) == expected


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("PORT = true", [], "PORT"),
        ("PORT = 99999", [], "PORT"),
        ("HOST = 3", [], "HOST"),
        ("HOST = [", [], "TOML"),
        ("", ["localhost", "-1"], "PORT"),
        ("", ["localhost", "http"], "PORT"),
        ("", ["a", "1", "b"], "Usage"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, text: str, arguments: list[str], said: str
) -> None:
    (tmp_path / "media_server.toml").write_text(text, encoding="utf-8")
    with pytest.raises(MediaConfigError, match=said):
        ServerConfig.load(tmp_path, arguments)


def test_a_bad_configuration_ends_with_one_line() -> None:
    ended = subprocess.run(
        [sys.executable, str(SERVER / "media_server.py"), "localhost", "http"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "PORT" in ended.stderr


def test_uvicorn_finds_the_app_and_nothing_else() -> None:
    assert media_server.app is media_server.app
    with pytest.raises(AttributeError):
        _ = media_server.application
