"""E-mail addresses: how they are written, and when two of them are the same."""

import unicodedata
from contextlib import suppress

from email_validator import EmailNotValidError, validate_email

from video_auth.error import InvalidEmail

LONGEST = 320
"""Characters; more than any address has, and no work to look at."""


def normalised(email: str) -> str:
    """Return an address in its normal form; raise InvalidEmail. No name server is asked."""
    if len(email) > LONGEST:
        raise InvalidEmail
    try:
        return validate_email(email, check_deliverability=False).normalized
    except (EmailNotValidError, ValueError):
        raise InvalidEmail from None


def key_of(email: str) -> str:
    """Return what all spellings of an address have in common: Unicode's caseless match.

    It is given for anything, so that what is no address at all is looked for like any other.
    """
    with suppress(InvalidEmail):
        email = normalised(email)
    folded = unicodedata.normalize("NFC", email).casefold()
    return unicodedata.normalize("NFC", folded)
