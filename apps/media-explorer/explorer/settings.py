"""Where the media come from and how they are shown: environment, then secrets, then defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from explorer.display_options import DisplayOptions
from explorer.setting import SettingsError, whole_number, yes_or_no

Mode = Literal["remote_server", "embedded_server", "service_object"]
MODES: tuple[Mode, ...] = ("remote_server", "embedded_server", "service_object")
DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8765


@dataclass(frozen=True)
class Settings:
    """`server_url` is for calls from here; `browser_url`, which may be a path, for browsers.

    Both are empty without a remote server; `host` and `port` are where an embedded one listens.
    `allow_changes`: whether visitors may mark, delete, restore and recycle.
    """

    mode: Mode
    server_url: str
    browser_url: str
    host: str
    port: int
    token: str
    allow_changes: bool
    max_images: int
    default_images: int
    display: DisplayOptions

    @classmethod
    def load(cls, environment: Mapping[str, str], secrets: Mapping[str, object]) -> "Settings":
        most = _number(secrets, "MAX_NUM_IMAGES", 200, 1, 10_000)
        mode, server_url, browser_url = _place(environment, secrets)
        return cls(
            mode=mode,
            server_url=server_url,
            browser_url=browser_url,
            host=_host(secrets),
            port=_number(secrets, "PORT", DEFAULT_PORT, 0),
            token=environment.get("MEDIA_SERVER_TOKEN") or str(secrets.get("TOKEN", "")),
            allow_changes=yes_or_no("ALLOW_CHANGES", secrets.get("ALLOW_CHANGES", True)),
            max_images=most,
            default_images=_number(secrets, "DEFAULT_NUM_IMAGES", min(24, most), 1, most),
            display=DisplayOptions.parse(secrets.get("DISPLAY_OPTIONS", {})),
        )


def _place(environment: Mapping[str, str], secrets: Mapping[str, object]) -> tuple[Mode, str, str]:
    server = environment.get("MEDIA_SERVER_URL", "").rstrip("/")
    if server:
        path = environment.get("MEDIA_SERVER_PATH", "").rstrip("/")
        return "remote_server", _url(server), path or server
    mode = _mode(secrets)
    own = _own_server(secrets) if mode == "remote_server" else ""
    return mode, own, own


def _mode(secrets: Mapping[str, object]) -> Mode:
    value = secrets.get("MODE", "service_object")
    for mode in MODES:
        if value == mode:
            return mode
    raise SettingsError(f"MODE is {value!r}, but it must be one of: {', '.join(MODES)}.")


def _own_server(secrets: Mapping[str, object]) -> str:
    protocol = str(secrets.get("HTTP_PROTOCOL", "http")).removesuffix("://")
    return _url(f"{protocol}://{in_url(_host(secrets))}:{_number(secrets, 'PORT', DEFAULT_PORT)}")


def in_url(host: str) -> str:
    """A host as URLs have it: an address of IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _host(secrets: Mapping[str, object]) -> str:
    host = str(secrets.get("HOST", DEFAULT_HOST)).strip()
    if not host:
        raise SettingsError("HOST must be a name or an address.")
    return host.removeprefix("[").removesuffix("]")


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
    secrets: Mapping[str, object], key: str, default: int, lowest: int = 1, highest: int = 65535
) -> int:
    return whole_number(key, secrets.get(key, default), lowest, highest)
