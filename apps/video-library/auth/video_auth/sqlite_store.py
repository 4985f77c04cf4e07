"""The accounts in a SQLite file, which several processes may share."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from video_auth.error import StorageUnavailable
from video_auth.sqlite_file import SqliteFile
from video_auth.store import Allowance, Exhausted, Session, Taken, User

Found = TypeVar("Found")
Row = tuple[Any, ...]

PATIENCE = 6.0
"""Seconds in which a step is done, or not at all; longer than a file may be locked."""

_TAKE = """
INSERT INTO allowances (key, taken, ends) VALUES (:key, 1, :ends)
ON CONFLICT (key) DO UPDATE SET
    taken = CASE WHEN ends <= :now THEN 1 ELSE taken + 1 END,
    ends = CASE WHEN ends <= :now THEN :ends ELSE ends END
WHERE ends <= :now OR taken < :most
RETURNING ends
"""
_KEEP_NEWEST = """
DELETE FROM sessions WHERE digest IN (
    SELECT digest FROM sessions WHERE user_id = ? ORDER BY created DESC, digest LIMIT -1 OFFSET ?
)
"""
_USER = "users.id, email, email_key, password_hash, users.created"

log = logging.getLogger(__name__)


class _Worker:
    """A thread with a connection of its own, so that the event loop never waits for a disk."""

    def __init__(self, path: Path, name: str) -> None:
        self.file = SqliteFile(path)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def do(self, step: Callable[[], Found]) -> Found:
        """Do a step in the thread; what is still waiting when its time is up is not done."""
        try:
            doing = asyncio.get_running_loop().run_in_executor(self._thread, step)
            return await asyncio.wait_for(doing, PATIENCE)
        except TimeoutError:
            log.error("SQLite did not answer within %.0f s", PATIENCE)
            raise StorageUnavailable(1) from None
        except (sqlite3.Error, OSError) as error:
            log.error("SQLite failed: %s: %s", type(error).__name__, error)
            raise StorageUnavailable(1) from None

    async def end(self) -> None:
        with suppress(StorageUnavailable):
            await self.do(self.file.close)
        self._thread.shutdown(wait=False, cancel_futures=True)


class SqliteStore:
    """Reads and writes have a thread each, so that no session waits for somebody else's lock."""

    def __init__(self, path: Path) -> None:
        self._reading = _Worker(path, "sqlite-read")
        self._writing = _Worker(path, "sqlite-write")

    async def ping(self) -> None:
        await self._row("SELECT count(*) FROM sqlite_schema")

    async def add_user(self, user: User) -> bool:
        # That it counts has an address that is taken cost the same write as a new one.
        found = await self._change(
            "INSERT INTO users (id, email, email_key, password_hash, created)"
            " VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (email_key) DO UPDATE SET sign_ups = sign_ups + 1 RETURNING id",
            (user.id, user.email, user.email_key, user.password_hash, user.created),
        )
        return found == (user.id,)

    async def find_user(self, email_key: str) -> User | None:
        row = await self._row(f"SELECT {_USER} FROM users WHERE email_key = ?", (email_key,))  # noqa: S608
        return User(*row) if row else None

    async def replace_password(self, user: User, password_hash: str) -> None:
        await self._change(
            "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
            (password_hash, user.id, user.password_hash),
        )

    async def add_session(self, session: Session, most: int) -> None:
        def step() -> None:
            with self._writing.file.transaction() as connection:
                connection.execute(
                    "INSERT INTO sessions (digest, user_id, created, expires) VALUES (?, ?, ?, ?)",
                    (session.digest, session.user_id, session.created, session.expires),
                )
                connection.execute(_KEEP_NEWEST, (session.user_id, most))

        await self._writing.do(step)

    async def find_session(self, digest: str, now: float) -> tuple[Session, User] | None:
        row = await self._row(
            f"SELECT digest, user_id, sessions.created, expires, {_USER}"  # noqa: S608
            " FROM sessions JOIN users ON users.id = user_id WHERE digest = ? AND expires > ?",
            (digest, now),
        )
        return (Session(*row[:4]), User(*row[4:])) if row else None

    async def remove_session(self, digest: str) -> None:
        await self._change("DELETE FROM sessions WHERE digest = ?", (digest,))

    async def take(self, allowances: Sequence[Allowance], now: float) -> list[Taken]:
        def step() -> list[Taken]:
            with self._writing.file.transaction() as connection:
                return [_take(connection, each, now) for each in allowances]

        return await self._writing.do(step)

    async def give_back(self, taken: Sequence[Taken], forget: str = "") -> None:
        def step() -> None:
            with self._writing.file.transaction() as connection:
                connection.executemany(
                    "UPDATE allowances SET taken = taken - 1"
                    " WHERE key = ? AND ends = ? AND taken > 0",
                    [(each.key, each.ends) for each in taken],
                )
                connection.execute("DELETE FROM allowances WHERE key = ?", (forget,))

        await self._writing.do(step)

    async def purge(self, now: float) -> None:
        def step() -> None:
            with self._writing.file.transaction() as connection:
                connection.execute("DELETE FROM sessions WHERE expires <= ?", (now,))
                connection.execute("DELETE FROM allowances WHERE ends <= ?", (now,))

        await self._writing.do(step)

    async def close(self) -> None:
        await self._reading.end()
        await self._writing.end()

    async def _row(self, statement: str, values: tuple[object, ...] = ()) -> Row | None:
        def step() -> Row | None:
            return _one(self._reading.file.connection().execute(statement, values))

        return await self._reading.do(step)

    async def _change(self, statement: str, values: tuple[object, ...]) -> Row | None:
        def step() -> Row | None:
            with self._writing.file.transaction() as connection:
                return _one(connection.execute(statement, values))

        return await self._writing.do(step)


def _take(connection: sqlite3.Connection, allowance: Allowance, now: float) -> Taken:
    """Take one; Exhausted ends the transaction, and so gives back what it had taken before."""
    key, most = allowance.key, allowance.most
    values = {"key": key, "now": now, "ends": now + allowance.seconds, "most": most}
    row = connection.execute(_TAKE, values).fetchone()
    if row is None:
        row = connection.execute("SELECT ends FROM allowances WHERE key = ?", (key,)).fetchone()
        raise Exhausted(row[0])
    return Taken(key, row[0])


def _one(cursor: sqlite3.Cursor) -> Row | None:
    row: Row | None = cursor.fetchone()
    return row
