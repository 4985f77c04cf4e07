"""Who asks: decided by the session cookie, and for changes by the session's own token, too."""

import hmac
import re
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie

from video_api.auth_client import Session
from video_api.dependencies import auth_of
from video_api.errors import ApiError

COOKIE = "video_library_session"
CSRF_HEADER = "X-CSRF-Token"
_TOKEN = re.compile(r"[A-Za-z0-9_.~-]{32,512}")

_SCHEME = APIKeyCookie(name=COOKIE, auto_error=False, description="What POST /login sets.")
NOT_SIGNED_IN = ApiError(401, "not-signed-in", "You are not signed in.", "Sign in first.")
_WRONG_CSRF = ApiError(
    403,
    "csrf-token",
    f"The header {CSRF_HEADER} is missing or not this session's.",
    "Send the csrf_token that GET /session tells.",
)


def token_of(request: Request) -> str | None:
    """Return the token in the cookie, if it may be one."""
    token = request.cookies.get(COOKIE, "")
    return token if _TOKEN.fullmatch(token) else None


async def signed_in(
    request: Request, _described: Annotated[str | None, Depends(_SCHEME)]
) -> Session:
    """Return the visitor's session; raise where there is none."""
    token = token_of(request)
    session = await auth_of(request).session(token) if token else None
    if session is None:
        raise NOT_SIGNED_IN
    return session


async def changing(request: Request, session: Annotated[Session, Depends(signed_in)]) -> Session:
    """Return the session of a visitor who may change something."""
    check_csrf(request, session)
    return session


def check_csrf(request: Request, session: Session) -> None:
    """Raise unless the request has the session's own token."""
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), session.csrf_token.encode()):
        raise _WRONG_CSRF


Visitor = Annotated[Session, Depends(signed_in)]
ChangingVisitor = Annotated[Session, Depends(changing)]
