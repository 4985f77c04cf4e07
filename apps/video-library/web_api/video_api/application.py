"""The web API, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from video_api.account_routes import account_routes
from video_api.admission import Admission
from video_api.auth_client import AuthClient, AuthRefused, AuthUnavailable
from video_api.dependencies import auth_of, library_of
from video_api.drivers import drivers, kind_of
from video_api.errors import ApiError, answer, handle_errors
from video_api.headers import MountedAt, StandardHeaders
from video_api.holding import Leases
from video_api.last_word import LastWord
from video_api.library import Library
from video_api.schema import About, Health, fails
from video_api.settings import Settings
from video_api.stream_routes import stream_routes
from video_api.video import Limits
from video_api.video_routes import video_routes
from video_api.visitor import CSRF_HEADER

DESCRIPTION = """
Accounts, and the MP4 videos of each: upload, list, stream, delete. Nobody sees another's.

`POST /login` sets the session's cookie and answers with a `csrf_token`, which every POST and DELETE
of somebody who is signed in carries in the header `X-CSRF-Token`.
"""


def create_app(
    settings: Settings, auth_transport: httpx.AsyncBaseTransport | None = None
) -> FastAPI:
    """Make the API; raise InvalidMongoUri where the settings name no usable database."""
    rows, stored = drivers(settings)
    limits = Limits(
        quota=settings.quota_bytes,
        videos=settings.videos_per_account,
        at_once=settings.uploads_at_once,
        largest=settings.max_upload_bytes,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.auth = AuthClient(settings.auth_url, auth_transport)
        app.state.library = Library(rows, stored, limits, Leases(settings.upload_lease))
        await app.state.library.open()
        try:
            yield
        finally:
            await app.state.library.close()
            await app.state.auth.close()

    app = FastAPIOffline(
        title="Video library",
        description=DESCRIPTION,
        version="1.0",
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    _handle_all_errors(app)
    _add_middleware(app, settings)
    app.include_router(account_routes(settings))
    app.include_router(video_routes(settings))
    app.include_router(stream_routes(settings))

    @app.get("/health", responses=fails(503))
    async def health(request: Request) -> Health:
        """Whether the storage answers; the auth service being away is told, and no ill of this."""
        await library_of(request).ping()
        return Health(storage=kind_of(settings), auth=auth_of(request).state)

    @app.get("/")
    async def about() -> About:
        """What this is."""
        return About(name="Video library", documentation=f"{settings.mounted_at}/docs")

    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Add what every request goes through; the last one added sees it first."""
    app.add_middleware(Admission, trusted=settings.trusted_origins)
    if settings.trusted_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(settings.trusted_origins),
            allow_credentials=True,
            allow_methods=["GET", "HEAD", "POST", "DELETE"],
            allow_headers=["Content-Type", "If-None-Match", "If-Range", "Range", CSRF_HEADER],
            expose_headers=["Content-Range", "ETag", "Location", "Retry-After"],
        )
    app.add_middleware(LastWord)
    app.add_middleware(StandardHeaders)
    app.add_middleware(MountedAt, root_path=settings.mounted_at)


def _handle_all_errors(app: FastAPI) -> None:
    handle_errors(app)

    @app.exception_handler(AuthRefused)
    async def refused(_request: Request, error: AuthRefused) -> JSONResponse:
        headers = _retry_after(error.retry_after)
        reason = error.reason
        return answer(ApiError(error.status, reason.code, reason.message, reason.hint, headers))

    @app.exception_handler(AuthUnavailable)
    async def unavailable(_request: Request, error: AuthUnavailable) -> JSONResponse:
        message = "Nobody can be signed in now: the auth service does not answer as it should."
        hint, headers = "Try again in a moment.", _retry_after(error.retry_after)
        return answer(ApiError(503, "auth-unavailable", message, hint, headers))


def _retry_after(seconds: str | None) -> dict[str, str] | None:
    return {"Retry-After": seconds} if seconds else None
