"""Bytes in GridFS's own layout, so that MongoDB's tools read them: chunks first, the file last.

PyMongo's bucket is not used for reading, as it asks for all chunks from one on (16 MB for a
kilobyte), nor for writing, as it keeps tens of megabytes back.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from datetime import UTC, datetime

from bson import ObjectId
from bson.binary import Binary
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from video_api.mongo_database import DURABLE, Document, translated
from video_api.storage import BytesMissing
from video_api.video import Facts

BUCKET = "videos"
CHUNK = 255 * 1024
"""Bytes; GridFS's own default."""
BATCH = 4
"""Chunks that are written, or read, at once."""
_STRAYS_AT_ONCE = 500


class GridFsBytes:
    """The driver for any number of processes on any number of machines."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self.files = database[f"{BUCKET}.files"].with_options(write_concern=DURABLE)
        self.chunks = database[f"{BUCKET}.chunks"]

    async def open(self) -> None:
        with translated():
            await self.files.create_index([("filename", ASCENDING), ("uploadDate", ASCENDING)])
            by_number = [("files_id", ASCENDING), ("n", ASCENDING)]
            await self.chunks.create_index(by_number, unique=True)

    async def close(self) -> None:
        """The rows close the client."""

    async def room_for(self, size: int) -> bool:  # noqa: ARG002
        """The server alone knows, and says so when there is none."""
        return True

    async def create(self, video_id: str) -> "HeldChunks":
        return HeldChunks(self, video_id)

    async def resume(self, video_id: str) -> "HeldChunks":
        return HeldChunks(self, video_id)

    async def abandoned(self, video_id: str) -> bool:  # noqa: ARG002
        """Only the lease tells."""
        return False

    async def uncommitted_size(self, video_id: str) -> int:
        with translated():
            of_video = {"files_id": video_id}
            count = await self.chunks.count_documents(of_video)
            last = await self.chunks.find_one(of_video, sort=[("n", -1)])
        if last is None or last["n"] != count - 1:  # none, or one in the middle is missing
            return 0
        return (count - 1) * CHUNK + len(last["data"])

    async def sizes(self, ids: Collection[str]) -> dict[str, int]:
        with translated():
            found = self.files.find({"_id": {"$in": list(ids)}}, {"length": True})
            return {each["_id"]: int(each["length"]) async for each in found}

    async def read(self, video_id: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        number = start // CHUNK
        while start < end:
            # No cursor stays open while somebody reads slowly: servers forget those.
            beyond = min(number + BATCH, (end - 1) // CHUNK + 1)
            some = {"files_id": video_id, "n": {"$gte": number, "$lt": beyond}}
            with translated():
                found = await self.chunks.find(some).sort("n", ASCENDING).to_list()
            if not found or [each["n"] for each in found] != list(range(number, beyond)):
                raise BytesMissing(video_id)
            for chunk in found:
                offset = start - chunk["n"] * CHUNK
                data = bytes(chunk["data"][offset : offset + end - start])
                if not data:
                    raise BytesMissing(video_id)
                start += len(data)
                yield data
            number = beyond

    async def delete(self, video_id: str) -> None:
        with translated():
            await self.files.delete_one({"_id": video_id})
            await self.chunks.delete_many({"files_id": video_id})

    async def strays(self, before: float) -> AsyncIterator[str]:
        made_before = ObjectId.from_datetime(datetime.fromtimestamp(before, UTC))
        after: Document = {}
        while True:
            # From one file to the next, by the index alone: chunks are many.
            with translated():
                order = [("files_id", ASCENDING), ("n", ASCENDING)]
                first = await self.chunks.find_one(after, {"files_id": True}, sort=order)
            if first is None:
                break
            if first["_id"] < made_before:
                yield first["files_id"]
            after = {"files_id": {"$gt": first["files_id"]}}
        with translated():
            old = {"uploadDate": {"$lt": datetime.fromtimestamp(before, UTC)}}
            files = await self.files.find(old, {"_id": True}).to_list()
        for each in files:
            yield each["_id"]


class HeldChunks:
    """Chunks that are written one after the other."""

    def __init__(self, storage: GridFsBytes, video_id: str) -> None:
        self._storage = storage
        self._id = video_id
        self._kept = bytearray()
        self._number = 0

    async def write(self, data: bytes) -> None:
        self._kept += data
        while len(self._kept) >= BATCH * CHUNK:
            await self._store(BATCH * CHUNK)

    async def finish(self) -> None:
        if self._kept:
            await self._store(len(self._kept))

    async def commit(self, facts: Facts, title: str) -> None:
        size = await self._storage.uncommitted_size(self._id)
        file: Document = {
            "length": size,
            "chunkSize": CHUNK,
            "uploadDate": datetime.fromtimestamp(time.time(), UTC),
            "filename": title,
            "metadata": {"contentType": "video/mp4", "sha256": facts.sha256},
        }
        with translated():
            await self._storage.files.replace_one({"_id": self._id}, file, upsert=True)

    async def close(self) -> None:
        self._kept.clear()

    async def _store(self, size: int) -> None:
        documents: list[Document] = []
        for offset in range(0, size, CHUNK):
            data = bytes(self._kept[offset : min(offset + CHUNK, size)])
            documents.append(
                {
                    "_id": ObjectId(),
                    "files_id": self._id,
                    "n": self._number + len(documents),
                    "data": Binary(data),
                }
            )
        with translated():
            await self._storage.chunks.insert_many(documents)
        del self._kept[:size]
        self._number += len(documents)
