"""Session tokens: 256 random bits that only whoever is signed in has."""

import hashlib
import hmac
import secrets


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Return what is kept of a token: enough to find its session, not to make it again."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token_of(token: str) -> str:
    """Return what proves that a request comes from a page of whoever has the token."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()
