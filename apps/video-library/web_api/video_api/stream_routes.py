"""The videos themselves, in whole or in part, for whoever they belong to."""

import logging
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Send
from werkzeug.http import quote_etag

from video_api.byte_range import NotSatisfiable, is_unchanged, wanted_range
from video_api.dependencies import VideoId, library_of
from video_api.errors import ApiError
from video_api.schema import fails
from video_api.settings import Settings
from video_api.storage import BytesMissing, StorageUnavailable
from video_api.video import Video
from video_api.visitor import Visitor

log = logging.getLogger(__name__)

_BYTES: dict[str, Any] = {"content": {"video/mp4": {"schema": {"type": "string"}}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", **_BYTES},
    206: {"description": "The range", **_BYTES},
    304: {"description": "The client's copy is still good"},
}


class VideoResponse(StreamingResponse):
    """Bytes as they come; where they end too early, the connection does, and says so to nobody."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except (BytesMissing, StorageUnavailable) as error:
            log.warning("A stream ended early: %s", error)


def stream_routes(settings: Settings) -> APIRouter:
    routes = APIRouter(tags=["videos"])

    @routes.head("/stream/{video_id}", include_in_schema=False)
    @routes.get(
        "/stream/{video_id}",
        response_class=Response,
        responses=_ANSWERS | fails(401, 404, 409, 416, 503),
    )
    async def stream(request: Request, visitor: Visitor, video_id: VideoId) -> Response:
        """The video: ranges (one at a time), ETag, HEAD. Of several ranges all is sent."""
        library = library_of(request)
        video = await library.watched(visitor.user_id, video_id)
        etag = str(video.sha256)
        headers = _headers(video, etag)
        if is_unchanged(request.headers, etag):
            return Response(status_code=304, headers=headers)
        headers |= {"Content-Type": "video/mp4", "Content-Length": str(video.size)}
        if request.method == "HEAD":  # for which no ranges are defined
            return Response(headers=headers)
        try:
            wanted = wanted_range(request.headers, video.size, etag)
        except NotSatisfiable as error:
            raise ApiError(
                416,
                "range-not-satisfiable",
                str(error),
                headers={"Content-Range": f"bytes */{error.size}", "Accept-Ranges": "bytes"},
            ) from None
        if wanted is None:
            return VideoResponse(library.read(video, 0, video.size), headers=headers)
        start, end = wanted
        headers["Content-Length"] = str(end - start)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{video.size}"
        return VideoResponse(library.read(video, start, end), 206, headers)

    def _headers(video: Video, etag: str) -> dict[str, str]:
        return {
            "ETag": quote_etag(etag),
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(video.title, safe='')}.mp4",
            "Content-Security-Policy": "default-src 'none'; media-src 'self'; sandbox",
            "Cross-Origin-Resource-Policy": (
                "same-site" if settings.trusted_origins else "same-origin"
            ),
        }

    return routes
