"""Where the media server listens when it is started by itself: command line, file, defaults."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from media_error import MediaConfigError

CONFIG_FILE = "media_server.toml"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765


@dataclass(frozen=True)
class ServerConfig:
    """A host and a port to listen on; port 0 takes any free one."""

    host: str
    port: int

    @classmethod
    def load(cls, folder: Path, arguments: list[str]) -> "ServerConfig":
        """`[host] [port]` of the command line; what is omitted comes from media_server.toml."""
        if len(arguments) > 2:
            raise MediaConfigError("Usage: python media_server.py [host] [port]")
        values = _read(folder / CONFIG_FILE)
        host = arguments[0] if arguments else values.get("HOST", DEFAULT_HOST)
        port = arguments[1] if len(arguments) > 1 else values.get("PORT", DEFAULT_PORT)
        return cls(_host(host), _port(port))


def _read(file: Path) -> dict[str, object]:
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MediaConfigError(f"{CONFIG_FILE} is not valid TOML: {error}") from None


def _host(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise MediaConfigError(f"HOST must be a name or an address, not {value!r}.")
    return value


def _port(value: object) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise MediaConfigError(f"PORT must be a number from 0 to 65535, not {value!r}.")
    return int(text)
