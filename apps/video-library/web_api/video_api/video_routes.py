"""The videos of whoever is signed in."""

from fastapi import APIRouter, Request, Response

from video_api.dependencies import VideoId, library_of
from video_api.schema import Videos, VideoState, fails
from video_api.settings import Settings
from video_api.storage import StorageFull
from video_api.title import title_of
from video_api.upload_body import FORM_BYTES, UploadBody
from video_api.uploading import TooLarge
from video_api.visitor import ChangingVisitor, Visitor

_FORM = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}
_UPLOAD = {"requestBody": {"content": {"multipart/form-data": {"schema": _FORM}}, "required": True}}


def video_routes(settings: Settings) -> APIRouter:
    routes = APIRouter(tags=["videos"])

    @routes.get("/videos", responses=fails(401, 503))
    async def videos(request: Request, visitor: Visitor) -> Videos:
        """All of your videos, the newest first."""
        shelf = await library_of(request).shelf(visitor.user_id)
        return Videos(
            videos=[VideoState.of(each, settings.mounted_at) for each in shelf.videos],
            used=shelf.used,
            quota=settings.quota_bytes,
            largest=settings.max_upload_bytes,
        )

    @routes.post(
        "/videos",
        status_code=202,
        openapi_extra=_UPLOAD,
        responses=fails(401, 403, 408, 410, 422, 429, 503, 507),
    )
    async def upload(request: Request, response: Response, visitor: ChangingVisitor) -> VideoState:
        """Upload an MP4 in the form field `file`. `Location` is where it tells what becomes of it.

        All bytes have come when this answers; the rest is done in the background.
        """
        library = library_of(request)
        length = request.headers.get("content-length", "0")
        if int(length) > settings.max_upload_bytes + FORM_BYTES:
            raise TooLarge
        body = UploadBody(request, settings.upload_patience)
        await body.begin()
        if not await library.has_room_for(body.file_size):
            raise StorageFull
        taken = library.upload(visitor.user_id, title_of(body.name), body.file_size)
        async with taken as upload:
            with upload.holding.waking(body.wake):
                async for part in body.parts():
                    await upload.write(part)
            video = await library.complete(upload)
        response.headers["Location"] = f"{settings.mounted_at}/videos/{video.id}"
        return VideoState.of(video, settings.mounted_at)

    @routes.get("/videos/{video_id}", responses=fails(401, 404, 503))
    async def look(request: Request, visitor: Visitor, video_id: VideoId) -> VideoState:
        """One of your videos, and how far it is."""
        video = await library_of(request).find(visitor.user_id, video_id)
        return VideoState.of(video, settings.mounted_at)

    @routes.delete("/videos/{video_id}", status_code=204, responses=fails(401, 403, 404, 503))
    async def delete(request: Request, visitor: ChangingVisitor, video_id: VideoId) -> None:
        """Delete one of your videos, for good; an upload under way ends."""
        await library_of(request).delete(visitor.user_id, video_id)

    return routes
