"""Looks at what was stored: whether it is a whole MP4, and its digest."""

import asyncio
import contextlib
import hashlib

from video_api.holding import Holding
from video_api.mp4 import NotPlayable, inspect
from video_api.storage import BytesMissing, VideoBytes
from video_api.video import Facts


async def facts_of(stored: VideoBytes, video_id: str, size: int, holding: Holding) -> Facts:
    """Return what is known of the bytes as they are stored; raise NotPlayable, or Gone."""

    async def read_at(offset: int, length: int) -> bytes:
        holding.check()
        parts = stored.read(video_id, offset, min(offset + length, size))
        return b"".join([each async for each in parts])

    try:
        if await stored.uncommitted_size(video_id) != size:
            raise NotPlayable("Not all of the file was kept, as the server was interrupted.")
        picture = await inspect(read_at, size)
        sha256 = await _digest(stored, video_id, size, holding)
    except BytesMissing:
        raise NotPlayable("The file was lost, as the server was interrupted.") from None
    return Facts(sha256, picture.duration, picture.width, picture.height)


async def _digest(stored: VideoBytes, video_id: str, size: int, holding: Holding) -> str:
    digest = hashlib.sha256()
    async with contextlib.aclosing(stored.read(video_id, 0, size)) as parts:
        async for data in parts:
            holding.check()
            await asyncio.to_thread(digest.update, data)
    return digest.hexdigest()
