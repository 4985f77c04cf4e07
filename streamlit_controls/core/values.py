"""The kinds of values in config.json and app.toml: what each may look like, and what it means."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from streamlit_controls.core.names import RESERVED_SEGMENTS, SLUG, URL_PATH

Port = Annotated[int, Field(ge=1, le=65535)]

_DURATION = re.compile(r"(\d+)\s*([smhd]?)\Z")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE = re.compile(r"(\d+)\s*([KMGT]?)(?:i?B)?\Z")
_BYTES = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_HOST = re.compile(r"(?:\*|(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def seconds(value: int | str) -> int:
    """Return a duration such as 90, "90s", "30m", "2h" or "1d" in seconds."""
    if isinstance(value, int):
        if value < 0:
            raise ValueError("should not be negative")
        return value
    match = _DURATION.match(value)
    if not match:
        raise ValueError('should be seconds or a duration such as "90s", "30m" or "2h"')
    return int(match[1]) * _SECONDS[match[2]]


def some_seconds(value: int | str) -> int:
    """Return a duration in seconds that is not over at once."""
    found = seconds(value)
    if not found:
        raise ValueError("should be more than 0")
    return found


def size(value: int | str) -> int:
    """Return an amount of memory such as "512M" or "2G" in bytes."""
    if isinstance(value, int):
        if value <= 0:
            raise ValueError("should be more than 0")
        return value
    match = _SIZE.match(value)
    if not match or not int(match[1]):
        raise ValueError('should be bytes or an amount such as "512M" or "2G"')
    return int(match[1]) * _BYTES[match[2]]


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        raise ValueError('should be an address or a network such as "10.0.0.0/8"') from None


def _host_name(value: str) -> str:
    if not _HOST.match(value):
        raise ValueError('should be a name such as "apps.example.com", or "*.example.com"')
    return value.lower()


def _variable_pattern(value: str) -> str:
    if not _VARIABLE.match(value.removesuffix("*") or "_"):
        raise ValueError('should be the name of a variable, or its beginning and "*"')
    return value


def _inside(value: str) -> str:
    parts = value.split("/")
    if value.startswith("/") or ".." in parts:
        raise ValueError('should be a folder in the app\'s own, such as "data"')
    return value


def _url(value: str) -> str:
    path = "/" + value.strip("/") + "/"
    if not URL_PATH.match(path):
        raise ValueError('should be a path such as "/sales/" (letters, digits, "-", "_", ".", "~")')
    if path.split("/")[1] in RESERVED_SEGMENTS:
        raise ValueError(f'"/{path.split("/")[1]}" is kept for the site itself')
    return path


def _mount(value: str) -> str:
    segment = value.strip("/")
    if not SLUG.match(segment):
        raise ValueError('should be one path segment such as "api"')
    return segment


def _variables(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        if not _VARIABLE.match(name):
            raise ValueError(f"{name!r} cannot be the name of an environment variable")
        if "\0" in value[name]:
            raise ValueError(f"{name} cannot hold a NUL character")
    return value


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("cannot hold a NUL character")
    return value


def _module(value: str) -> str:
    if not all(part.isidentifier() for part in value.split(".")):
        raise ValueError('should be the name of a module such as "sklearn.linear_model"')
    return value


def _slashed(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError('should be a path such as "/health"')
    return value


Duration = Annotated[int | str, AfterValidator(seconds)]
SomeTime = Annotated[int | str, AfterValidator(some_seconds)]
Size = Annotated[int | str, AfterValidator(size)]
Variables = Annotated[dict[str, str], AfterValidator(_variables)]
Module = Annotated[str, AfterValidator(_module)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_without_nul)]
Folder = Annotated[str, Field(min_length=1), AfterValidator(_without_nul), AfterValidator(_inside)]
HostName = Annotated[str, AfterValidator(_host_name)]
Network = Annotated[str, AfterValidator(_network)]
VariablePattern = Annotated[str, Field(min_length=1), AfterValidator(_variable_pattern)]
UrlPath = Annotated[str, AfterValidator(_url)]
Mount = Annotated[str, AfterValidator(_mount)]
Slashed = Annotated[str, AfterValidator(_slashed)]
Icon = Annotated[str, AfterValidator(_without_nul)]
