"""Accounts and sessions over HTTP, for the web API; browsers never ask here."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from video_auth.accounts import Accounts
from video_auth.client_address import network_of
from video_auth.error import NotSignedIn, UnsupportedMediaType
from video_auth.failure import handle_errors
from video_auth.guard import Guard
from video_auth.schema import About, Credentials, Failure, Health, Message, NewSession, SessionState

SIGNED_UP = "You can sign in now, if this address had no account before."

Opened = AbstractAsyncContextManager[Accounts]

_bearer = HTTPBearer(auto_error=False, description="The token that POST /sessions told.")


def fails(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of answers that are errors."""
    return {status: {"model": Failure} for status in (*statuses, 400, 413)}


def create_app(opened: Callable[[], Opened]) -> FastAPI:
    """Make the service of the accounts that `opened` gives for as long as it runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened() as accounts:
            app.state.accounts = accounts
            yield

    app = FastAPI(
        title="Video library: accounts",
        description="Accounts and sessions, for the video library's web API only.",
        version="1.0",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    handle_errors(app)
    app.add_middleware(Guard)

    @app.get("/", responses=fails())
    async def about() -> About:
        """What this is."""
        return About(service=app.title)

    @app.get("/health", responses=fails(503))
    async def health(accounts: TheAccounts) -> Health:
        """Whether the database answers."""
        await accounts.is_well()
        return Health()

    @app.post(
        "/users",
        status_code=202,
        dependencies=[Depends(_only_json)],
        responses=fails(415, 422, 429, 503),
    )
    async def sign_up(accounts: TheAccounts, client: Client, given: Credentials) -> Message:
        """Make an account. The answer is the same if the address has one, which stays as it is."""
        await accounts.sign_up(given.email, given.password, client)
        return Message(message=SIGNED_UP)

    @app.post(
        "/sessions",
        status_code=201,
        dependencies=[Depends(_only_json)],
        responses=fails(401, 415, 422, 429, 503),
    )
    async def sign_in(accounts: TheAccounts, client: Client, given: Credentials) -> NewSession:
        """Begin a session."""
        return NewSession.of(await accounts.sign_in(given.email, given.password, client))

    @app.get("/sessions/current", responses=fails(401, 503))
    async def current(accounts: TheAccounts, token: Token) -> SessionState:
        """Who is signed in."""
        if token is None:
            raise NotSignedIn
        return SessionState.of(await accounts.current(token))

    @app.delete(
        "/sessions/current",
        status_code=204,
        responses=fails(503),
        openapi_extra={"security": [{}]},  # or none: there is nothing to end then
    )
    async def sign_out(accounts: TheAccounts, token: Token) -> Response:
        """End a session, if there is one."""
        if token is not None:
            await accounts.sign_out(token)
        return Response(status_code=204)

    return app


def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


def _client(request: Request) -> str:
    """Return who asks; the web API tells it in X-Forwarded-For, which uvicorn heeds."""
    return network_of(request.client and request.client.host)


def _token(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str | None:
    return given.credentials if given else None


def _only_json(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMediaType


TheAccounts = Annotated[Accounts, Depends(_accounts)]
Client = Annotated[str, Depends(_client)]
Token = Annotated[str | None, Depends(_token)]
