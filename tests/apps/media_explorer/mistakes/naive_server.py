"""A media server with every mistake that one can have, over the naive service."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response

from tests.apps.media_explorer.mistakes.naive_service import NaiveService


def naive_app(folder: Path) -> FastAPI:
    """Shows folders, changes things on GET, and lets pages of other sites read with credentials."""
    service = NaiveService(folder)
    app = FastAPI()
    app.state.is_down = False

    @app.middleware("http")
    async def answer_until_shut_down(request: Request, call_next: Any) -> Any:
        return JSONResponse("down", 503) if app.state.is_down else await call_next(request)

    app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:*"], allow_credentials=True)

    @app.get("/health")
    def health() -> str:
        return "ok"

    @app.get("/media_sources")
    def media_sources() -> Any:
        return service.configuration["MEDIA_SOURCES"]

    @app.get("/media_list/{source}")
    def media_list(source: str, filter_string: str = "") -> list[str]:
        return service.names(source, filter_string)

    @app.get("/media/{source}/{file:path}")
    def media(source: str, file: str) -> Response:
        content = service.read(source, file)
        if content is None:
            raise HTTPException(404, f"{service.path(source, file).resolve()} cannot be read.")
        return Response(content)

    @app.get("/rename/{source}/{file}")
    def rename(source: str, file: str, new_name: str = "renamed.png") -> None:
        path = service.path(source, file)
        path.rename(path.with_name(new_name))

    @app.get("/shutdown")
    def shutdown() -> None:
        app.state.is_down = True

    return app
