"""The token: where it comes from, that it is made once, and that nobody else can read it."""

import subprocess
import sys
from pathlib import Path

import media_token
import pytest
from media_error import MediaConfigError, TokenUnavailableError
from media_token import load_token

from tests.apps.media_explorer.conftest import SERVER


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"DATA_DIR": str(tmp_path / "data")}


def kept(root: Path) -> Path:
    return root / "data" / "media-explorer" / "token"


def test_it_is_made_once_for_its_user_alone(tmp_path: Path, environ: dict[str, str]) -> None:
    token = load_token(tmp_path, environ)
    assert len(token) >= 43
    assert load_token(tmp_path, environ) == token
    assert kept(tmp_path).stat().st_mode & 0o777 == 0o600
    assert kept(tmp_path).parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in kept(tmp_path).parent.iterdir()] == ["token"]
    assert load_token(tmp_path, {"DATA_DIR": str(tmp_path / "other")}) != token


def test_the_variable_wins_over_the_file_over_the_one_that_is_made(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    (tmp_path / "media_server.toml").write_text('PORT = 1\nTOKEN = "configured"\n', "utf-8")
    assert load_token(tmp_path, environ) == "configured"
    assert load_token(tmp_path, environ | {"MEDIA_SERVER_TOKEN": "given"}) == "given"
    assert not kept(tmp_path).exists()


def test_all_who_ask_at_once_get_the_same(environ: dict[str, str]) -> None:
    program = "import media_token, sys; sys.stdin.read(); print(media_token.load_token())"
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=SERVER,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    for process in asking:
        assert process.stdin
        process.stdin.close()
    tokens = set()
    for process in asking:
        assert process.stdout
        with process.stdout:
            tokens.add(process.stdout.read())
        assert process.wait(timeout=30) == 0
    assert len(tokens) == 1


@pytest.mark.parametrize("content", ["", "\n"])
def test_what_a_power_cut_left_is_replaced(
    tmp_path: Path, environ: dict[str, str], content: str
) -> None:
    kept(tmp_path).parent.mkdir(parents=True)
    kept(tmp_path).touch(mode=0o600)
    kept(tmp_path).write_text(content, encoding="ascii")
    assert load_token(tmp_path, environ) == load_token(tmp_path, environ)


def test_one_that_others_can_read_is_not_used(tmp_path: Path, environ: dict[str, str]) -> None:
    load_token(tmp_path, environ)
    kept(tmp_path).chmod(0o640)
    with pytest.raises(MediaConfigError, match="Others can read"):
        load_token(tmp_path, environ)


@pytest.mark.parametrize(
    ("text", "variable", "said"),
    [
        ("TOKEN = 3", "", "TOKEN"),
        ('TOKEN = ""', "", "TOKEN"),
        ('TOKEN = "two words"', "", "TOKEN"),
        ('TOKEN = "line\\nbreak"', "", "TOKEN"),
        ("TOKEN =", "", "TOML"),
        ("", "schlüssel", "MEDIA_SERVER_TOKEN"),
    ],
)
def test_what_is_no_token_is_said_and_not_told(
    tmp_path: Path, environ: dict[str, str], text: str, variable: str, said: str
) -> None:
    (tmp_path / "media_server.toml").write_text(text, encoding="utf-8")
    with pytest.raises(MediaConfigError, match=said) as caught:
        load_token(tmp_path, environ | {"MEDIA_SERVER_TOKEN": variable})
    assert "schlüssel" not in caught.value.message
    assert "words" not in caught.value.message


def test_a_data_folder_that_cannot_be_written_is_said_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TokenUnavailableError) as caught:
        load_token(tmp_path, {"DATA_DIR": str(tmp_path / "file")})
    assert str(tmp_path) not in caught.value.message + caught.value.hint


def test_the_page_needs_no_web_framework_for_it() -> None:
    program = (
        "import media_token, sys\n"
        "own = {'media_token', 'data_folder', 'media_error', '__main__'}\n"
        "tops = {name.partition('.')[0] for name in sys.modules} - own\n"
        "assert not tops - sys.stdlib_module_names, tops - sys.stdlib_module_names\n"
    )
    subprocess.run([sys.executable, "-S", "-c", program], cwd=SERVER, check=True, timeout=30)
    assert media_token.HERE == SERVER
