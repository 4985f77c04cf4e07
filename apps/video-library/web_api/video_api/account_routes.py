"""Accounts and sessions: the auth service decides, this passes on and keeps the cookie."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from video_api.auth_client import AuthUnavailable, Credentials, NewSession, remaining
from video_api.dependencies import auth_of
from video_api.schema import AccountRequest, Message, SignedIn, fails
from video_api.settings import Settings
from video_api.visitor import COOKIE, Visitor, check_csrf, token_of


def account_routes(settings: Settings) -> APIRouter:
    routes = APIRouter(tags=["accounts"])

    @routes.post("/sign-up", status_code=202, responses=fails(400, 403, 422, 429, 503))
    async def sign_up(request: Request, wanted: AccountRequest) -> Message:
        """Ask for an account. The answer is the same whether the address has one already."""
        accepted = await auth_of(request).sign_up(_credentials(request, wanted))
        return Message(message=accepted.message)

    @routes.post("/login", responses=fails(400, 401, 403, 422, 429, 503))
    async def login(request: Request, response: Response, given: AccountRequest) -> SignedIn:
        """Sign in: the cookie is the session, `csrf_token` goes into the header X-CSRF-Token."""
        session = await auth_of(request).sign_in(_credentials(request, given))
        lasts = remaining(session, datetime.now(UTC))
        if not lasts:
            raise AuthUnavailable
        _set_cookie(request, response, session, lasts)
        return SignedIn.model_validate(session, from_attributes=True)

    @routes.post("/logout", status_code=204, responses=fails(403, 503))
    async def logout(request: Request, response: Response) -> None:
        """End the session, here and at the auth service; without one there is nothing to end."""
        token = token_of(request)
        session = await auth_of(request).session(token) if token else None
        if session and token:
            check_csrf(request, session)
            await auth_of(request).sign_out(token)
        response.delete_cookie(
            COOKIE, settings.cookie_scope, secure=_is_secure(request), httponly=True, samesite="lax"
        )

    @routes.get("/session", responses=fails(401, 503))
    async def session(visitor: Visitor) -> SignedIn:
        """Whose session this is."""
        return SignedIn.model_validate(visitor, from_attributes=True)

    def _set_cookie(
        request: Request, response: Response, session: NewSession, max_age: int
    ) -> None:
        response.set_cookie(
            COOKIE,
            session.token,
            max_age=max_age,
            path=settings.cookie_scope,
            secure=_is_secure(request),
            httponly=True,
            samesite="lax",
        )

    def _is_secure(request: Request) -> bool:
        if settings.cookie_secure is not None:
            return settings.cookie_secure
        return request.url.scheme == "https"

    return routes


def _credentials(request: Request, given: AccountRequest) -> Credentials:
    address = request.client.host if request.client else None
    return Credentials(given.email, given.password, address)
