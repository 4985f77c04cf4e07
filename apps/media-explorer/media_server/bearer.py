"""Lets nobody through who does not show the token; neither the URL nor a cookie can show it.

So no other site can make a browser change anything: it would have to send the header, for which the
browser asks this server first, and is refused.
"""

import hmac
from collections.abc import Callable
from typing import Annotated

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from media_error import MediaConfigError, TokenUnavailableError, UnauthorizedError

_SCHEME = HTTPBearer(auto_error=False, description="The media server's token: see its README.")
Shown = Annotated[HTTPAuthorizationCredentials | None, Security(_SCHEME)]


def bearer(token: Callable[[], str]) -> Callable[[Shown], None]:
    """A dependency of routes; the token is looked up each time, as it may be made or changed."""

    def check(shown: Shown) -> None:
        try:
            expected = token()
        except MediaConfigError as error:
            raise TokenUnavailableError(error.message, error.hint) from None
        given = "" if shown is None else shown.credentials
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise UnauthorizedError(
                "This needs the media server's token.",
                "Send it in the header Authorization: Bearer <token>.",
            )

    return check
