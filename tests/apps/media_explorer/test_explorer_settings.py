"""Where the page takes its media from."""

import pytest
from explorer.settings import Settings, SettingsError

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
        ({}, {"MAX_NUM_IMAGES": 5, "DEFAULT_NUM_IMAGES": 6}, "DEFAULT_NUM_IMAGES"),
        ({}, {"MODE": "remote_server", "PORT": 0}, "PORT"),
        ({}, {"MODE": "remote_server", "HTTP_PROTOCOL": "ftp"}, "ftp"),
        ({"MEDIA_SERVER_URL": "127.0.0.1:8503"}, {}, "127.0.0.1:8503"),
        ({"MEDIA_SERVER_URL": "http://["}, {}, "http"),
    ],
)
def test_what_cannot_be_used_is_named(
    environment: dict[str, str], secrets: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings.load(environment, secrets)
