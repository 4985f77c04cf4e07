"""Rows in SQLite: one connection in one thread, so that each call is a transaction of its own."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, TypeVar

from video_api import account_limits
from video_api.storage import Gone, StorageFull, StorageTooNew, StorageUnavailable
from video_api.transitions import Transitions
from video_api.video import Lease, Limits, Status, Video

VERSION = 1
_SCHEMA = (
    """CREATE TABLE videos (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL,
        size INTEGER NOT NULL, received INTEGER NOT NULL, created_at REAL NOT NULL,
        sha256 TEXT, duration REAL, width INTEGER, height INTEGER, error TEXT,
        holder TEXT, lease_until REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX videos_of_owner ON videos (owner, created_at)",
    "CREATE INDEX videos_leased ON videos (lease_until) WHERE holder IS NOT NULL",
    f"PRAGMA user_version = {VERSION}",
)
_NAMES = tuple(each.name for each in fields(Video))
_COLUMNS = ", ".join(_NAMES)
_MARKS = ", ".join("?" for _ in _NAMES)
_BUSY_SECONDS = 10.0
Result = TypeVar("Result")


class SqliteRows(Transitions):
    """The driver for one machine; any number of its processes may use the file at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "rows")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        await self._in_thread(self._open)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    async def ping(self) -> None:
        await self._read(lambda db: db.execute("SELECT 1 FROM videos LIMIT 1").fetchall())

    async def add(self, video: Video, limits: Limits, now: float) -> None:
        def add(db: sqlite3.Connection) -> None:
            account_limits.check(_of_owner(db, video.owner), video, limits, now)
            # The names of columns are this module's.
            db.execute(f"INSERT INTO videos ({_COLUMNS}) VALUES ({_MARKS})", astuple(video))  # noqa: S608

        await self._run(add)

    async def grow(self, video: Video, at_least: int, wanted: int, quota: int, now: float) -> int:
        def grow(db: sqlite3.Connection) -> int:
            others = [each for each in _of_owner(db, video.owner) if each.id != video.id]
            granted = account_limits.granted(others, at_least, wanted, quota, now)
            sets = {"size": granted}
            if not _change(db, video.id, sets, {Status.UPLOADING}, video.holder):
                raise Gone
            return granted

        return await self._run(grow)

    async def find(self, video_id: str) -> Video | None:
        found = await self._read(lambda db: _select(db, "id = ?", video_id))
        return found[0] if found else None

    async def of_owner(self, owner: str) -> list[Video]:
        return await self._read(lambda db: _of_owner(db, owner))

    async def leased(self) -> list[Video]:
        return await self._read(lambda db: _select(db, "holder IS NOT NULL"))

    async def known(self, ids: Collection[str]) -> set[str]:
        def known(db: sqlite3.Connection) -> set[str]:
            return {each for each in ids if _select(db, "id = ?", each)}

        return await self._read(known)

    async def claim(self, video: Video, lease: Lease, status: Status) -> bool:
        def claim(db: sqlite3.Connection) -> bool:
            seen = (video.id, video.status, video.holder, video.lease_until)
            done = db.execute(
                "UPDATE videos SET holder = ?, lease_until = ?, status = ?"
                " WHERE id = ? AND status = ? AND holder = ? AND lease_until = ?",
                (lease.holder, lease.until, status, *seen),
            )
            return done.rowcount > 0

        return await self._run(claim)

    async def remove(self, video_id: str) -> None:
        statement = "DELETE FROM videos WHERE id = ? AND status = ?"
        await self._run(lambda db: db.execute(statement, (video_id, Status.DELETING)) and None)

    async def _changed(
        self, video_id: str, sets: dict[str, Any], when: Collection[Status], holder: str | None
    ) -> bool:
        return await self._run(lambda db: _change(db, video_id, sets, when, holder))

    async def _read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        return await self._in_thread(lambda: work(self._db))

    async def _run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Have a transaction done, which no other process comes between."""

        def transaction() -> Result:
            with self._db as db:
                db.execute("BEGIN IMMEDIATE")
                return work(db)

        return await self._in_thread(transaction)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        def translated() -> Result:
            with _translated():
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._thread, translated)

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StorageUnavailable("The database is not open.")
        return self._connection

    def _open(self) -> None:
        if self._connection is not None:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        db = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        self._path.chmod(0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")  # what was answered outlasts a power failure
        with db:
            db.execute("BEGIN IMMEDIATE")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise StorageTooNew(
                    f"{self._path} is of a newer release (version {version}, not {VERSION})."
                )
            if version < VERSION:
                for statement in _SCHEMA:
                    db.execute(statement)
        self._connection = db

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _change(
    db: sqlite3.Connection,
    video_id: str,
    sets: dict[str, Any],
    when: Collection[Status],
    holder: str | None,
) -> bool:
    """Change a row that is as expected; tell whether it was. The names of columns are ours."""
    statement = (
        f"UPDATE videos SET {', '.join(f'{name} = ?' for name in sets)}"  # noqa: S608
        f" WHERE id = ? AND status IN ({', '.join('?' for _ in when)})"
    )
    values = [*sets.values(), video_id, *when]
    if holder is not None:
        statement += " AND holder = ?"
        values.append(holder)
    return db.execute(statement, values).rowcount > 0


def _of_owner(db: sqlite3.Connection, owner: str) -> list[Video]:
    return _select(db, "owner = ? ORDER BY created_at DESC, id", owner)


def _select(db: sqlite3.Connection, condition: str, *values: str) -> list[Video]:
    found = db.execute(f"SELECT {_COLUMNS} FROM videos WHERE {condition}", values)  # noqa: S608
    return [Video.read(dict(zip(_NAMES, row, strict=True))) for row in found]


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise StorageFull from error
        raise StorageUnavailable(f"SQLite: {error}") from error
    except OSError as error:
        raise StorageUnavailable(str(error)) from error
