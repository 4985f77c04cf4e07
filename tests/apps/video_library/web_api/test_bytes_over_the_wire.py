"""How much MongoDB sends for a little of a video: not much more than the chunks that it is in."""

import asyncio
from urllib.parse import urlsplit

import pytest
from video_api.gridfs_bytes import CHUNK, GridFsBytes
from video_api.mongo_database import database_of, new_client

from tests.apps.video_library.mongo import MongoServer
from tests.apps.video_library.web_api.counting_proxy import counting_proxy
from tests.apps.video_library.web_api.test_storage import an_id, put
from tests.support.asynchronous import bounded

SIZE = 100 * CHUNK
BESIDE = 4096
"""Bytes of the protocol around the chunks."""


@pytest.mark.parametrize(
    ("start", "length", "chunks"),
    [
        (50 * CHUNK + 10, 1024, 1),
        (0, 1024, 1),
        (SIZE - 1024, 1024, 1),
        (CHUNK - 512, 1024, 2),
        (10 * CHUNK, 3 * CHUNK, 3),
        (10 * CHUNK + 1, 8 * CHUNK, 9),
    ],
)
@bounded
async def test_a_range(mongodb: MongoServer, start: int, length: int, chunks: int) -> None:
    address = urlsplit(mongodb.uri)
    with (
        mongodb.database() as uri,
        counting_proxy(address.hostname or "", address.port or 27017) as count,
    ):
        direct = new_client(uri)
        await put(GridFsBytes(database_of(direct)), an_id(1), bytes(SIZE))
        name = urlsplit(uri).path
        through = new_client(f"mongodb://127.0.0.1:{count.port}{name}")
        stored = GridFsBytes(database_of(through))
        await stored.sizes([an_id(1)])
        before = count.bytes
        parts = [part async for part in stored.read(an_id(1), start, start + length)]
        moved = count.bytes - before
        assert sum(map(len, parts)) == length
        assert moved < chunks * CHUNK + BESIDE * chunks
        await asyncio.gather(direct.close(), through.close())
