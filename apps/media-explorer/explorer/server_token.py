"""What lets the page change media on a server: the token that both read, or one of the settings."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from explorer.media_modules import MEDIA_SERVER
from explorer.media_problem import translated
from media_token import load_token

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def token_for(server_url: str, configured: str) -> Callable[[], str]:
    """Gives the token each time it is needed; a server elsewhere gets the configured one only."""
    if configured or urlsplit(server_url).hostname not in _LOOPBACK:
        return lambda: configured
    return local_token


def local_token(folder: Path = MEDIA_SERVER) -> str:
    """The token of this account's media servers, made by whoever needs it first."""
    with translated():
        return load_token(folder)
