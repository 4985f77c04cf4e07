"""Which items are favourites: one SQLite file for all processes and threads that show them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from data_folder import make_private
from media_error import FavouritesUnavailableError

FILE = "favourites.sqlite"

# How long one writer waits for another; a change takes milliseconds.
_PATIENCE_SECONDS = 10.0

_TABLE = """
CREATE TABLE IF NOT EXISTS favourites (
    source TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (source, name)
) WITHOUT ROWID
"""


class FavouriteStore:
    """Marks by source and name. A store that cannot be read is empty: the media are still shown.

    Each call has a connection of its own, so there is none that threads or forks could share.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / FILE

    def names(self, source: str) -> frozenset[str]:
        """What is marked in a source, whether or not it is there now."""
        rows = self._read("SELECT name FROM favourites WHERE source = ?", source)
        return frozenset(name for (name,) in rows)

    def has(self, source: str, name: str) -> bool:
        query = "SELECT 1 FROM favourites WHERE source = ? AND name = ?"
        return bool(self._read(query, source, name))

    def add(self, source: str, name: str) -> None:
        with self._writing() as database:
            database.execute("INSERT OR IGNORE INTO favourites VALUES (?, ?)", (source, name))

    def remove(self, source: str, name: str) -> None:
        with self._writing() as database:
            query = "DELETE FROM favourites WHERE source = ? AND name = ?"
            database.execute(query, (source, name))

    def rename(self, source: str, old: str, new: str) -> None:
        """Give the mark of one name, if it has one, to another name."""
        if self.has(source, old):
            with self._writing() as database:
                query = "UPDATE OR REPLACE favourites SET name = ? WHERE source = ? AND name = ?"
                database.execute(query, (new, source, old))

    def _read(self, query: str, *values: str) -> list[tuple[str]]:
        try:
            # Not read-only: what a process that died left half written is then rolled back.
            with closing(self._connect("rw")) as database:
                return database.execute(query, values).fetchall()
        except sqlite3.Error:
            return []

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            make_private(self._folder)
            with closing(self._connect("rwc")) as database, database:
                database.execute(_TABLE)
                yield database
        except (OSError, sqlite3.Error):
            raise FavouritesUnavailableError(
                "Favourites cannot be kept: their folder cannot be written to.",
                "Set DATA_DIR to a folder that the media explorer may write to.",
            ) from None

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self._file.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, timeout=_PATIENCE_SECONDS)
