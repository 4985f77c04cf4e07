"""The routes that anybody may ask: only GET and HEAD, which change nothing."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

import media_schema as schema
from media_listing import MediaPage, MediaPlace
from media_response import file_response, is_unchanged, validators
from media_service import SourceSummary
from route_answers import failures, file_answers, thumbnail_answers
from route_parameters import FileName, Listing, SourceName, Version
from service_holder import LoadedService, ServiceHolder
from thumbnail import CONTENT_TYPE, MAX_WIDTH, MIN_WIDTH, nearest_width


def media_routes(held: ServiceHolder) -> APIRouter:
    routes = APIRouter(tags=["media"])

    @routes.get("/health", response_model=schema.Health)
    async def health() -> LoadedService:
        """Whether the server answers; drawing, which has all threads, does not hold this up."""
        return held.loaded

    @routes.get("/media_sources", response_model=schema.Sources)
    def media_sources() -> dict[str, tuple[SourceSummary, ...]]:
        """The sources with their kinds and the number of what they show."""
        return {"sources": held.service.sources()}

    @routes.get(
        "/media_list/{source}", response_model=schema.Page, responses=failures(404, 422, 503)
    )
    def media_list(
        source: SourceName,
        query: Listing,
        offset: Annotated[int, Query(ge=0, description="How many to skip.")] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000, description="How many at most.")] = 100,
    ) -> MediaPage:
        """A page of what a source shows, with the total; the newest first unless told otherwise."""
        return held.service.list_media(source, query, offset=offset, limit=limit)

    @routes.get(
        "/media_place/{source}/{file}",
        response_model=schema.Place,
        responses=failures(404, 422, 503),
    )
    def media_place(source: SourceName, file: FileName, query: Listing) -> MediaPlace:
        """One item and where it stands in a listing: its position, the previous and the next."""
        return held.service.place(source, file, query)

    @routes.head("/media/{source}/{file}", include_in_schema=False)
    @routes.get(
        "/media/{source}/{file}",
        response_class=Response,
        responses=file_answers() | failures(404, 409, 416, 422, 503),
    )
    def media(
        request: Request,
        source: SourceName,
        file: FileName,
        v: Version = "",
        encode: Annotated[bool, Query(description="Answer with a data: URL as text.")] = False,
    ) -> Response:
        """The file itself (ranges, ETag, Last-Modified); a link answers with a redirect to it."""
        service = held.service
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

    @routes.head("/thumbnail/{source}/{file}", include_in_schema=False)
    @routes.get(
        "/thumbnail/{source}/{file}",
        response_class=Response,
        responses=thumbnail_answers() | failures(404, 409, 422, 503),
    )
    def thumbnail(
        request: Request,
        source: SourceName,
        file: FileName,
        width: Annotated[int, Query(ge=MIN_WIDTH, le=MAX_WIDTH, description="In pixels.")] = 320,
        v: Version = "",
    ) -> Response:
        """A WebP of at least that width (in steps; never wider than the picture itself)."""
        service = held.service
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

    return routes
