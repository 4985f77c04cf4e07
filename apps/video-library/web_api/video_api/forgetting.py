"""Removes the bytes and the row of a video that nobody is to have any more."""

from video_api.storage import VideoBytes, VideoRows
from video_api.video import Status


async def forget(rows: VideoRows, stored: VideoBytes, video_id: str) -> None:
    """Remove what there is of a video, unless it is neither being deleted nor without a row.

    Whoever has lost a video does not know to whom: another process may just finish it.
    """
    found = await rows.find(video_id)
    if found is None or found.status is Status.DELETING:
        await stored.delete(video_id)
        await rows.remove(video_id)
