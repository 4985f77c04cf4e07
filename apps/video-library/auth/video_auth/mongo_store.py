"""The accounts in a MongoDB."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, DuplicateKeyError, OperationFailure, PyMongoError

from video_auth.error import StorageUnavailable
from video_auth.store import Allowance, Exhausted, Session, Taken, User

Row = dict[str, Any]

PATIENCE = 5.0
"""Seconds in which a step is done, the search for a server included."""
DATABASE = "video_library"
"""Where the connection string names none."""
ATTEMPTS = 5
"""To update or else insert a row that others insert, reset and purge meanwhile."""

log = logging.getLogger(__name__)


class MongoStore:
    """Connects, and makes its indexes, when it is first used."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._client: AsyncMongoClient[Row] | None = None
        self._indexed = False
        self._indexing = asyncio.Lock()

    async def ping(self) -> None:
        async with self._asking() as database:
            await database.command("ping")

    async def add_user(self, user: User) -> bool:
        row = {
            "_id": user.id,
            "email": user.email,
            "email_key": user.email_key,
            "password_hash": user.password_hash,
            "created": user.created,
        }
        async with self._asking() as database:
            try:
                await database["users"].insert_one(row)
                added = True
            except DuplicateKeyError:
                added = False
            # That it is counted has an address that is taken cost a write like a new one.
            await database["users"].update_one(
                {"email_key": user.email_key}, {"$inc": {"sign_ups": 1}}
            )
        return added

    async def find_user(self, email_key: str) -> User | None:
        async with self._asking() as database:
            row = await database["users"].find_one({"email_key": email_key})
        return _user(row) if row else None

    async def replace_password(self, user: User, password_hash: str) -> None:
        async with self._asking() as database:
            await database["users"].update_one(
                {"_id": user.id, "password_hash": user.password_hash},
                {"$set": {"password_hash": password_hash}},
            )

    async def add_session(self, session: Session, most: int) -> None:
        async with self._asking() as database:
            sessions = database["sessions"]
            await sessions.insert_one(
                {
                    "_id": session.digest,
                    "user_id": session.user_id,
                    "created": session.created,
                    "expires": session.expires,
                }
            )
            newest = sessions.find({"user_id": session.user_id}, {"_id": True})
            older = (
                await newest.sort([("created", DESCENDING), ("_id", ASCENDING)])
                .skip(most)
                .to_list(None)
            )
            if older:
                await sessions.delete_many({"_id": {"$in": [each["_id"] for each in older]}})

    async def find_session(self, digest: str, now: float) -> tuple[Session, User] | None:
        async with self._asking() as database:
            row = await database["sessions"].find_one({"_id": digest, "expires": {"$gt": now}})
            user = row and await database["users"].find_one({"_id": row["user_id"]})
        if not row or not user:
            return None
        return Session(row["_id"], row["user_id"], row["created"], row["expires"]), _user(user)

    async def remove_session(self, digest: str) -> None:
        async with self._asking() as database:
            await database["sessions"].delete_one({"_id": digest})

    async def take(self, allowances: Sequence[Allowance], now: float) -> list[Taken]:
        got: list[Taken] = []
        try:
            async with self._asking() as database:
                for each in allowances:
                    got.append(await _take(database["allowances"], each, now))  # noqa: PERF401
        except (Exhausted, StorageUnavailable):
            if got:
                with suppress(StorageUnavailable):  # then they count, until their time ends
                    await self.give_back(got)
            raise
        return got

    async def give_back(self, taken: Sequence[Taken], forget: str = "") -> None:
        async with self._asking() as database:
            for each in taken:
                await database["allowances"].update_one(
                    {"_id": each.key, "ends": each.ends, "taken": {"$gt": 0}},
                    {"$inc": {"taken": -1}},
                )
            if forget:
                await database["allowances"].delete_one({"_id": forget})

    async def purge(self, now: float) -> None:
        async with self._asking() as database:
            await database["sessions"].delete_many({"expires": {"$lte": now}})
            await database["allowances"].delete_many({"ends": {"$lte": now}})

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[AsyncDatabase[Row]]:
        """Give the database, indexed; raise StorageUnavailable for whatever is wrong with it."""
        if self._client is None:
            # Acknowledged means on disk, whatever the server's default is.
            self._client = AsyncMongoClient(
                self._uri, journal=True, timeoutMS=int(PATIENCE * 1000), appname="video-auth"
            )
        database = self._client.get_default_database(DATABASE)
        try:
            if not self._indexed:
                async with self._indexing:
                    await self._index(database)
            yield database
        except PyMongoError as error:
            log.error("MongoDB failed: %s: %s", type(error).__name__, _reason(error))
            raise StorageUnavailable(1) from None

    async def _index(self, database: AsyncDatabase[Row]) -> None:
        if not self._indexed:
            await database["users"].create_index("email_key", unique=True)
            by_user = [("user_id", ASCENDING), ("created", DESCENDING)]
            await database["sessions"].create_index(by_user)
            await database["sessions"].create_index("expires")
            await database["allowances"].create_index("ends")
            self._indexed = True


async def _take(rows: AsyncCollection[Row], allowance: Allowance, now: float) -> Taken:
    key, ends = allowance.key, now + allowance.seconds
    update = _taking(allowance.most, now, ends)
    # No upsert: of several at once that make the same row, it lets some fail.
    for _ in range(ATTEMPTS):
        row = await rows.find_one_and_update(
            {"_id": key}, update, return_document=ReturnDocument.AFTER
        )
        if row is not None:
            if row["refused"]:
                raise Exhausted(row["ends"])
            return Taken(key, row["ends"])
        with suppress(DuplicateKeyError):
            await rows.insert_one({"_id": key, "taken": 1, "ends": ends})
            return Taken(key, ends)
    log.error("MongoDB neither updates nor inserts")
    raise StorageUnavailable(1)


def _taking(most: int, now: float, ends: float) -> list[Row]:
    """Return the update that takes one if the time of those taken has ended, or one is left."""
    return [
        {"$set": {"over": {"$lte": ["$ends", now]}}},
        {
            "$set": {
                "taken": {"$cond": ["$over", 0, "$taken"]},
                "ends": {"$cond": ["$over", ends, "$ends"]},
            }
        },
        {"$set": {"refused": {"$gte": ["$taken", most]}}},
        {"$set": {"taken": {"$cond": ["$refused", "$taken", {"$add": ["$taken", 1]}]}}},
        {"$unset": "over"},
    ]


def _user(row: Row) -> User:
    return User(row["_id"], row["email"], row["email_key"], row["password_hash"], row["created"])


def _reason(error: PyMongoError) -> str:
    """Return what of an error is for a log: messages of the server may quote what was stored."""
    if isinstance(error, ConnectionFailure):
        return f"{error!s:.300}"
    if isinstance(error, OperationFailure):
        return str((error.details or {}).get("codeName", error.code))
    return "no more is told"
