"""The media server: the media service over HTTP. Only GET and HEAD, which change nothing.

`uvicorn media_server:app` in this folder, or `python media_server.py [host] [port]`.
"""

import os
import sys
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

import media_schema as schema
from docs_page import docs_page
from media_error import MediaConfigError
from media_listing import MediaQuery
from media_response import file_response, is_unchanged, validators
from media_service import HERE, MediaService
from server_config import ServerConfig
from server_error import NoSniff, handle_errors
from thumbnail import CONTENT_TYPE, MAX_WIDTH, MIN_WIDTH, nearest_width

SourceName = Annotated[str, Path(description="One of /media_sources.")]
FileName = Annotated[str, Path(description="A name of /media_list, percent-encoded.")]
Version = Annotated[str, Query(description="The item's version: the answer may be kept for ever.")]
_FAILURES: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.Failure}}


def media_query(
    filter_string: Annotated[
        str, Query(max_length=200, description="Part of a name, in any case. Empty: everything.")
    ] = "",
    sort_flag: Annotated[bool, Query(description="Sort, or leave the source's own order.")] = True,
    sort_by_date_flag: Annotated[bool, Query(description="Sort by date, else by name.")] = True,
    ascending: Annotated[bool, Query(description="Oldest (or A) first.")] = False,
) -> MediaQuery:
    return MediaQuery(filter_string, sort_flag, sort_by_date_flag, ascending)


Listing = Annotated[MediaQuery, Depends(media_query)]


def create_app(service: MediaService) -> FastAPI:
    """A server for one service; its root_path comes from whoever runs it (ASGI's root_path)."""
    app = FastAPI(
        title="Media server",
        description="Pictures, thumbnails and videos of the media explorer's sources.",
        docs_url=None,  # FastAPI's own page loads scripts from somebody else's site
        redoc_url=None,
        responses=_FAILURES,
    )
    handle_errors(app)
    app.add_middleware(NoSniff)

    @app.get("/", include_in_schema=False)
    def root(request: Request) -> RedirectResponse:
        return RedirectResponse(f"{_root_path(request)}/docs")

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi(), _root_path(request)))

    @app.get("/health")
    async def health() -> schema.Health:
        """Whether the server answers; drawing, which has all threads, does not hold this up."""
        return schema.Health()

    @app.get("/media_sources")
    def media_sources() -> schema.Sources:
        """The sources with their kinds and the number of what they show."""
        return schema.Sources(sources=[schema.Source.of(each) for each in service.sources()])

    @app.get("/media_list/{source}")
    def media_list(
        source: SourceName,
        query: Listing,
        offset: Annotated[int, Query(ge=0, description="How many to skip.")] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000, description="How many at most.")] = 100,
    ) -> schema.Page:
        """A page of what a source shows, with the total; the newest first unless told otherwise."""
        return schema.Page.of(service.list_media(source, query, offset=offset, limit=limit))

    @app.get("/media_place/{source}/{file}")
    def media_place(source: SourceName, file: FileName, query: Listing) -> schema.Place:
        """One item and where it stands in a listing: its position, the previous and the next."""
        return schema.Place.of(service.place(source, file, query))

    @app.head("/media/{source}/{file}", include_in_schema=False)
    @app.get("/media/{source}/{file}", response_class=Response)
    def media(
        request: Request,
        source: SourceName,
        file: FileName,
        v: Version = "",
        encode: Annotated[bool, Query(description="Answer with a data: URL as text.")] = False,
    ) -> Response:
        """The file itself (ranges, ETag, Last-Modified); a link answers with a redirect to it."""
        item = service.find(source, file)
        if encode:
            return PlainTextResponse(service.data_url(source, file))
        if item.url is not None:
            return RedirectResponse(item.url)
        opened = service.open(source, file)
        headers = validators(opened.item, version=v)
        if is_unchanged(request.headers, headers):
            opened.stream.close()
            return Response(status_code=304, headers=headers)
        return file_response(opened, request.headers, headers, head=request.method == "HEAD")

    @app.head("/thumbnail/{source}/{file}", include_in_schema=False)
    @app.get("/thumbnail/{source}/{file}", response_class=Response)
    def thumbnail(
        request: Request,
        source: SourceName,
        file: FileName,
        width: Annotated[int, Query(ge=MIN_WIDTH, le=MAX_WIDTH, description="In pixels.")] = 320,
        v: Version = "",
    ) -> Response:
        """A WebP of at least that width (in steps; never wider than the picture itself)."""
        item = service.find(source, file)
        if item.url is not None:
            return RedirectResponse(item.url)
        tag = f"-{nearest_width(width)}"
        headers = validators(item, tag, v)
        if is_unchanged(request.headers, headers):
            return Response(status_code=304, headers=headers)
        made = service.thumbnail(source, file, width)
        headers = validators(made.item, tag, v)
        return Response(made.content, media_type=CONTENT_TYPE, headers=headers)

    return app


def _root_path(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


def main(arguments: list[str]) -> int:
    """Serve until interrupted; a configuration that cannot be used is one clear line."""
    import uvicorn

    try:
        config = ServerConfig.load(HERE, arguments)
        served = create_app(MediaService.load())
    except MediaConfigError as error:
        print(f"{error.message} {error.hint}".strip(), file=sys.stderr)  # noqa: T201
        return 2
    root_path = os.environ.get("ROOT_PATH", "")
    uvicorn.run(served, host=config.host, port=config.port, root_path=root_path)
    return 0


def __getattr__(name: str) -> FastAPI:
    """`app` is made when a server asks for it, so importing this module reads no configuration."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = create_app(MediaService.load())
    globals()["app"] = made
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
