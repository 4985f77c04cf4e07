"""Our service, over a database of either kind."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from video_auth.mongo_store import MongoStore
from video_auth.mongo_uri import check_mongodb_uri
from video_auth.sqlite_store import SqliteStore

from tests.apps.video_library.auth.mistakes.subject import Subject
from tests.apps.video_library.auth.world import running
from tests.apps.video_library.mongo import client_of


@asynccontextmanager
async def over_sqlite(path: Path) -> AsyncIterator[Subject]:
    def stored() -> bytes:
        return b"".join(each.read_bytes() for each in sorted(path.parent.iterdir()))

    def accounts_of(email: str) -> int:
        with closing(sqlite3.connect(path)) as connection:
            count = "SELECT count(*) FROM users WHERE lower(email) = ?"
            return int(connection.execute(count, (email,)).fetchone()[0])

    async with running(lambda: SqliteStore(path)) as world:
        yield Subject(world.app, stored, lambda: world.hasher.worked, accounts_of, _accepts)


@asynccontextmanager
async def over_mongodb(uri: str) -> AsyncIterator[Subject]:
    def stored() -> bytes:
        with client_of(uri) as client:
            database = client.get_default_database()
            names = database.list_collection_names()
            return json.dumps([list(database[each].find()) for each in names], default=str).encode()

    def accounts_of(email: str) -> int:
        with client_of(uri) as client:
            return client.get_default_database()["users"].count_documents({"email": email})

    async with running(lambda: MongoStore(uri)) as world:
        yield Subject(world.app, stored, lambda: world.hasher.worked, accounts_of, _accepts)


def _accepts(uri: str) -> bool:
    try:
        check_mongodb_uri(uri)
    except ValueError:
        return False
    return True
