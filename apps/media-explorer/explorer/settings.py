"""Where the media come from and how many are shown: environment, then secrets, then defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Mode = Literal["remote_server", "service_object"]
MODES: tuple[Mode, ...] = ("remote_server", "service_object")


class SettingsError(Exception):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    """`server_url` is for calls from here; `browser_url`, which may be a path, for browsers."""

    mode: Mode
    server_url: str
    browser_url: str
    max_images: int
    default_images: int

    @classmethod
    def load(cls, environment: Mapping[str, str], secrets: Mapping[str, object]) -> "Settings":
        most = _number(secrets, "MAX_NUM_IMAGES", 200, 1, 10_000)
        images = _number(secrets, "DEFAULT_NUM_IMAGES", min(24, most), 1, most)
        server = environment.get("MEDIA_SERVER_URL", "").rstrip("/")
        if server:
            path = environment.get("MEDIA_SERVER_PATH", "").rstrip("/")
            return cls("remote_server", _url(server), path or server, most, images)
        mode = _mode(secrets)
        own = _own_server(secrets) if mode == "remote_server" else ""
        return cls(mode, own, own, most, images)


def _mode(secrets: Mapping[str, object]) -> Mode:
    value = secrets.get("MODE", "service_object")
    for mode in MODES:
        if value == mode:
            return mode
    raise SettingsError(f"MODE is {value!r}, but it must be one of: {', '.join(MODES)}.")


def _own_server(secrets: Mapping[str, object]) -> str:
    protocol = str(secrets.get("HTTP_PROTOCOL", "http")).removesuffix("://")
    host = str(secrets.get("HOST", "127.0.0.1"))
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return _url(f"{protocol}://{host}:{_number(secrets, 'PORT', 8765, 1, 65535)}")


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(f"{url!r} is not the address of a media server.")
    return url


def _number(
    secrets: Mapping[str, object], key: str, default: int, lowest: int, highest: int
) -> int:
    value = secrets.get(key, default)
    try:
        number = int(str(value))
    except ValueError:
        number = lowest - 1
    if not lowest <= number <= highest:
        raise SettingsError(
            f"{key} is {value!r}, but it must be a number from {lowest} to {highest}."
        )
    return number
