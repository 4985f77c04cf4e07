"""A SQLite file and its schema."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from video_auth.error import StorageRefused

BUSY_SECONDS = 4.0
"""How long another process may have the file locked."""

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created REAL NOT NULL,
    sign_ups INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created REAL NOT NULL,
    expires REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user_id, created);
CREATE INDEX sessions_by_end ON sessions (expires);
CREATE TABLE allowances (
    key TEXT PRIMARY KEY,
    taken INTEGER NOT NULL,
    ends REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX allowances_by_end ON allowances (ends);
"""


class SqliteFile:
    """One connection to the file, for one thread at a time. It is opened when it is first used.

    What SQLite and the system say against it is raised as it is, StorageRefused for what lasts.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection, the only one that writes; commit unless something is raised."""
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.commit()
        except BaseException:
            connection.rollback()
            raise

    def connection(self) -> sqlite3.Connection:
        """Return the connection to what is at the path now, which may be another file."""
        if self._connection is not None and self._opened != _identity(self._path):
            self.close()
        if self._connection is None:
            made = self._opened is None  # what vanished later is not made anew, but missed
            self._connection = _open(self._path, make=made)
            self._opened = _identity(self._path)
        return self._connection

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _open(path: Path, *, make: bool) -> sqlite3.Connection:
    if make:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite gives the files beside it, of the log and its index, the same permissions.
    descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if make else 0), 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _set_up(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if _version(connection) == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    version = _version(connection)  # another process may just have made the schema
    if version > SCHEMA_VERSION:
        raise StorageRefused(
            f"{path} has schema version {version}, this release knows {SCHEMA_VERSION}:"
            " use the release that wrote it, or a newer one"
        )
    if version == 0:
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.commit()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Turn it on; where several processes do so at once, SQLite does not wait but says busy."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
