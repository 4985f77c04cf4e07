"""What apps, services and instances may be called."""

import difflib
import re
import secrets
from collections.abc import Iterable

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
"""An app's key, which is also its folder's name and, by default, its place in URLs."""

URL_PATH = re.compile(r"(?:/[A-Za-z0-9][A-Za-z0-9._~-]*)+/\Z")
"""A page's path below the site, as the parsed configuration holds it."""

RESERVED_SEGMENTS = frozenset(
    {"app", "assets", "admin", "login", "logout", "api", "healthz", "metrics", "static"}
)
"""First segments of URLs that the site and the gateway keep for themselves."""

RESERVED_KEYS = frozenset({"controller", "website", "gateway"})
"""Names that stand for our own processes in logs/ and on the command line."""

_ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_ID_LENGTH = 6


def instance_id() -> str:
    """Return a new instance's id: base 32 without look-alikes."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


def title(key: str) -> str:
    """Return the name that people read where an app does not give its own."""
    return re.sub(r"[-_]+", " ", key).strip().capitalize()


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return "did you mean …?" for a word that is nearly a known one, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    if not near:
        return ""
    return f"did you mean {' or '.join(near)}?"


def environment_name(service: str) -> str:
    """Return a service's name as the start of environment variables."""
    return re.sub(r"[^A-Z0-9]", "_", service.upper())
