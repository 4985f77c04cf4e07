"""A MongoDB for tests: a server in a process of its own, or the one that TEST_MONGODB_URI names.

A conftest imports the fixtures. `mongodb` starts one server per session; a test, or a fixture with
parameters, names it among its arguments (and does not ask for it by `getfixturevalue`), so that it
is there before the test's own time and does not count as left behind.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.support.ports import free_port

PATIENCE = 30.0
"""Seconds in which a server starts, or ends."""
ATTEMPTS = 3
"""Between the choice of a port and the server's own use of it, somebody else may take it."""


@dataclass(frozen=True)
class MongoServer:
    """A server that answers; `uri` has no database in it. `pid` is None if it is not ours."""

    uri: str
    pid: int | None = None

    def uri_of(self, database: str) -> str:
        """Return the URI with the name of a database in it."""
        base, _, options = self.uri.partition("?")
        scheme, _, rest = base.partition("://")
        return f"{scheme}://{rest.split('/')[0]}/{database}{'?' if options else ''}{options}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the URI of a new database, and drop it afterwards."""
        name = f"test_{secrets.token_hex(8)}"
        try:
            yield self.uri_of(name)
        finally:
            with client_of(self.uri) as client:
                client.drop_database(name)


def client_of(uri: str) -> MongoClient[dict[str, Any]]:
    """Return a client that does not wait long for a server that is gone; to be used by `with`."""
    return MongoClient(uri, serverSelectionTimeoutMS=5000)


@contextmanager
def running_mongodb(storage: Path, port: int | None = None) -> Iterator[MongoServer]:
    """Run a server until it is no longer needed; what it had stored counts as lost."""
    process, uri = _started(storage, port)
    try:
        yield MongoServer(uri, process.pid)
    finally:
        _end(process)


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """The one server of all tests."""
    given = os.environ.get("TEST_MONGODB_URI")
    if given:
        yield MongoServer(given)
        return
    with running_mongodb(tmp_path_factory.mktemp("mongodb")) as server:
        yield server


@pytest.fixture
def mongodb_uri(mongodb: MongoServer) -> Iterator[str]:
    """The URI of a database of one test's own."""
    with mongodb.database() as uri:
        yield uri


def _started(storage: Path, port: int | None) -> tuple[subprocess.Popen[bytes], str]:
    for _ in range(ATTEMPTS):
        chosen = port or free_port()
        process = subprocess.Popen(
            [
                *(Path(sys.executable).with_name("secantusd-py"), "--standalone"),
                *("--host", "127.0.0.1", "--port", str(chosen), "--cache-size", "256M"),
                *("--storage-path", storage, "--log-level", "ERROR"),
            ],
            cwd=storage.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        uri = f"mongodb://127.0.0.1:{chosen}/"
        if _answers(uri, process):
            return process, uri
        _end(process)
    raise AssertionError("the MongoDB server did not start")


def _answers(uri: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until it answers; tell whether it does."""
    end = time.monotonic() + PATIENCE
    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=200) as client:
        while process.poll() is None and time.monotonic() < end:
            try:
                # Of several that race for a port the answer may come from another one's server.
                return bool(client.admin.command("ping")["ok"]) and process.poll() is None
            except PyMongoError:
                continue
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it: to end by itself takes it seconds, at times half a minute."""
    process.kill()
    process.wait(timeout=PATIENCE)
