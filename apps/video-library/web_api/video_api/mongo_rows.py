"""Rows in MongoDB: each call changes one document, or is done under an account's lock."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from video_api import account_limits
from video_api.mongo_database import DURABLE, Document, translated
from video_api.storage import Gone, StorageUnavailable
from video_api.transitions import Transitions
from video_api.video import Lease, Limits, Status, Video

LOCK_SECONDS = 5.0
"""A lock is kept for milliseconds; one that is older is of a process that ended."""
LOCK_WAIT = 10.0
LOCK_PAUSE = 0.01


class MongoRows(Transitions):
    """The driver for any number of processes on any number of machines."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._videos = database["videos"].with_options(write_concern=DURABLE)
        self._locks = database["video_locks"]
        self._database = database

    async def open(self) -> None:
        with translated():
            await self._videos.create_index([("owner", ASCENDING), ("created_at", DESCENDING)])
            await self._videos.create_index([("holder", ASCENDING)], sparse=True)

    async def close(self) -> None:
        await self._database.client.close()

    async def ping(self) -> None:
        with translated():
            await self._database.command("ping")

    async def add(self, video: Video, limits: Limits, now: float) -> None:
        async with self._locked(video.owner):
            account_limits.check(await self.of_owner(video.owner), video, limits, now)
            with translated():
                await self._videos.insert_one(_document(vars(video)))

    async def grow(self, video: Video, at_least: int, wanted: int, quota: int, now: float) -> int:
        async with self._locked(video.owner):
            having = await self.of_owner(video.owner)
            others = [each for each in having if each.id != video.id]
            granted = account_limits.granted(others, at_least, wanted, quota, now)
            if not await self._changed(
                video.id, {"size": granted}, {Status.UPLOADING}, video.holder
            ):
                raise Gone
            return granted

    async def find(self, video_id: str) -> Video | None:
        with translated():
            found = await self._videos.find_one({"_id": video_id})
        return _video(found) if found else None

    async def of_owner(self, owner: str) -> list[Video]:
        order = [("created_at", DESCENDING), ("_id", ASCENDING)]
        return await self._found({"owner": owner}, order)

    async def leased(self) -> list[Video]:
        return await self._found({"holder": {"$exists": True}}, [("_id", ASCENDING)])

    async def known(self, ids: Collection[str]) -> set[str]:
        with translated():
            found = self._videos.find({"_id": {"$in": list(ids)}}, {"_id": True})
            return {each["_id"] async for each in found}

    async def claim(self, video: Video, lease: Lease, status: Status) -> bool:
        seen: Document = {"_id": video.id, "status": video.status.value}
        seen |= {"holder": video.holder, "lease_until": video.lease_until}
        sets = {"holder": lease.holder, "lease_until": lease.until, "status": status.value}
        with translated():
            return bool((await self._videos.update_one(seen, {"$set": sets})).matched_count)

    async def remove(self, video_id: str) -> None:
        with translated():
            await self._videos.delete_one({"_id": video_id, "status": Status.DELETING.value})

    async def _found(self, which: Document, order: list[tuple[str, int]]) -> list[Video]:
        with translated():
            return [_video(each) async for each in self._videos.find(which).sort(order)]

    async def _changed(
        self, video_id: str, sets: Document, when: Collection[Status], holder: str | None
    ) -> bool:
        which: Document = {"_id": video_id, "status": {"$in": [each.value for each in when]}}
        if holder is not None:
            which["holder"] = holder
        with translated():
            done = await self._videos.update_one(which, _update(sets))
        return bool(done.matched_count)

    @asynccontextmanager
    async def _locked(self, owner: str) -> AsyncIterator[None]:
        """Keep others from changing what the account has; SQLite has transactions for that."""
        holder = secrets.token_hex(8)
        give_up = time.monotonic() + LOCK_WAIT
        while not await self._lock(owner, holder):
            if time.monotonic() > give_up:
                raise StorageUnavailable("MongoDB: an account's lock is never free.")
            await asyncio.sleep(LOCK_PAUSE)
        try:
            yield
        finally:
            with translated():
                await self._locks.delete_one({"_id": owner, "holder": holder})

    async def _lock(self, owner: str, holder: str) -> bool:
        now = time.time()
        free = {"_id": owner, "until": {"$lt": now}}
        taken = {"holder": holder, "until": now + LOCK_SECONDS}
        try:
            with translated():
                await self._locks.update_one(free, {"$set": taken}, upsert=True)
        except StorageUnavailable as error:
            if isinstance(error.__cause__, DuplicateKeyError):
                return False
            raise
        return True


def _update(sets: Document) -> Document:
    """Return what sets these, and removes those that are None: the index of holders is sparse."""
    document = _document(sets)
    removed = {name: "" for name in sets if name not in document}
    return {"$set": document} | ({"$unset": removed} if removed else {})


def _document(values: dict[str, Any]) -> Document:
    """Return values as they are stored."""
    named = {"_id" if name == "id" else name: value for name, value in values.items()}
    return {
        name: value.value if isinstance(value, Status) else value
        for name, value in named.items()
        if value is not None
    }


def _video(document: Document) -> Video:
    return Video.read({"id" if name == "_id" else name: each for name, each in document.items()})
