"""Where the page takes its media from, and what it offers."""

import tomllib

import pytest
from explorer.display_options import DisplayOptions
from explorer.setting import SettingsError
from explorer.settings import Settings

from tests.apps.media_explorer.conftest import APP

URL = "http://127.0.0.1:8503"


@pytest.mark.parametrize(
    ("environment", "secrets", "expected"),
    [
        ({}, {}, ("service_object", "", "")),
        ({"MEDIA_SERVER_URL": URL}, {}, ("remote_server", URL, URL)),
        (
            {"MEDIA_SERVER_URL": URL + "/", "MEDIA_SERVER_PATH": "/app/media-explorer/api/"},
            {"MODE": "service_object"},
            ("remote_server", URL, "/app/media-explorer/api"),
        ),
        (
            {"MEDIA_SERVER_PATH": "/app/media-explorer/api"},
            {"MODE": "service_object"},
            ("service_object", "", ""),
        ),
        (
            {},
            {
                "MODE": "remote_server",
                "HOST": "media.example.org",
                "PORT": "443",
                "HTTP_PROTOCOL": "https",
            },
            ("remote_server", "https://media.example.org:443", "https://media.example.org:443"),
        ),
        (
            {},
            {"MODE": "remote_server", "HOST": "::1"},
            ("remote_server", "http://[::1]:8765", "http://[::1]:8765"),
        ),
        ({}, {"MODE": "embedded_server", "HOST": "0.0.0.0"}, ("embedded_server", "", "")),
    ],
)
def test_environment_then_secrets_then_defaults(
    environment: dict[str, str], secrets: dict[str, object], expected: tuple[str, str, str]
) -> None:
    settings = Settings.load(environment, secrets)
    assert (settings.mode, settings.server_url, settings.browser_url) == expected


@pytest.mark.parametrize(
    ("secrets", "most", "images"),
    [
        ({}, 200, 24),
        ({"MAX_NUM_IMAGES": "10"}, 10, 10),
        ({"MAX_NUM_IMAGES": 500, "DEFAULT_NUM_IMAGES": "100"}, 500, 100),
    ],
)
def test_numbers_may_be_texts(secrets: dict[str, object], most: int, images: int) -> None:
    settings = Settings.load({}, secrets)
    assert (settings.max_images, settings.default_images) == (most, images)


@pytest.mark.parametrize(
    ("environment", "secrets", "said"),
    [
        ({}, {"MODE": "telepathy"}, "MODE"),
        ({}, {"MODE": 3}, "MODE"),
        ({}, {"MAX_NUM_IMAGES": "many"}, "MAX_NUM_IMAGES"),
        ({}, {"ALLOW_CHANGES": "perhaps"}, "ALLOW_CHANGES is 'perhaps'"),
        ({}, {"MAX_NUM_IMAGES": 5, "DEFAULT_NUM_IMAGES": 6}, "DEFAULT_NUM_IMAGES"),
        ({}, {"MODE": "remote_server", "PORT": 0}, "PORT"),
        ({}, {"MODE": "embedded_server", "PORT": 65_536}, "PORT"),
        ({}, {"MODE": "embedded_server", "HOST": ""}, "HOST"),
        ({}, {"MODE": "remote_server", "HTTP_PROTOCOL": "ftp"}, "ftp"),
        ({}, {"DISPLAY_OPTIONS": "many"}, "DISPLAY_OPTIONS"),
        ({"MEDIA_SERVER_URL": "127.0.0.1:8503"}, {}, "127.0.0.1:8503"),
        ({"MEDIA_SERVER_URL": "http://["}, {}, "http"),
    ],
)
def test_what_cannot_be_used_is_named(
    environment: dict[str, str], secrets: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings.load(environment, secrets)


def test_an_embedded_server_may_take_any_free_port() -> None:
    settings = Settings.load({}, {"MODE": "embedded_server", "HOST": "[::1]", "PORT": "0"})
    assert (settings.host, settings.port) == ("::1", 0)


@pytest.mark.parametrize(
    ("environment", "secrets", "token"),
    [
        ({}, {}, ""),
        ({}, {"TOKEN": "ours"}, "ours"),
        ({"MEDIA_SERVER_TOKEN": "given"}, {"TOKEN": "ours"}, "given"),
    ],
)
def test_the_token(environment: dict[str, str], secrets: dict[str, object], token: str) -> None:
    assert Settings.load(environment, secrets).token == token


@pytest.mark.parametrize(("said", "allowed"), [(False, False), ("FALSE", False), ("true", True)])
def test_changes_can_be_forbidden(said: object, allowed: bool) -> None:
    assert Settings.load({}, {"ALLOW_CHANGES": said}).allow_changes is allowed


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, DisplayOptions()),
        (
            {
                "screen_widths": ["1920", 1280, 1280],
                "default_screen_width": "1920",
                "num_columns": [5, "4"],
                "default_num_columns": 5,
            },
            DisplayOptions((1280, 1920), 1920, (4, 5), 5),
        ),
        ({"num_columns": [6, 7]}, DisplayOptions(num_columns=(6, 7), default_num_columns=6)),
    ],
)
def test_display_options(table: dict[str, object], expected: DisplayOptions) -> None:
    assert DisplayOptions.parse(table) == expected


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"screens": [1920]}, "'screens'"),
        ({"screen_widths": "1920"}, "screen_widths must be a list"),
        ({"screen_widths": []}, "screen_widths must be a list"),
        ({"screen_widths": ["wide"]}, "screen_widths is 'wide'"),
        ({"num_columns": [0]}, "num_columns is 0"),
        ({"num_columns": [81]}, "from 1 to 80"),
        ({"default_num_columns": 7}, "default_num_columns is 7"),
        ({"default_screen_width": True}, "default_screen_width is True"),
        ([], "must be a table"),
    ],
)
def test_display_options_that_cannot_be_used_are_named(table: object, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        DisplayOptions.parse(table)


def test_the_example_shows_every_setting_with_its_default() -> None:
    example = (APP / ".streamlit" / "secrets.example.toml").read_text(encoding="utf-8")
    lines = [line.removeprefix("# ") for line in example.splitlines()]
    values = tomllib.loads("\n".join(each for each in lines if "=" in each or each[:1] == "["))
    assert {*values, *values["DISPLAY_OPTIONS"]} == {
        *("MODE", "HOST", "PORT", "HTTP_PROTOCOL", "TOKEN", "ALLOW_CHANGES"),
        *("MAX_NUM_IMAGES", "DEFAULT_NUM_IMAGES", "DISPLAY_OPTIONS"),
        *("screen_widths", "default_screen_width", "num_columns", "default_num_columns"),
    }
    del values["TOKEN"]  # which has none
    assert Settings.load({}, values) == Settings.load({}, {})
