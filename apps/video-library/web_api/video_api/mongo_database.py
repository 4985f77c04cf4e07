"""The MongoDB that MONGODB_URI names, by a client that waits a bounded time."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from video_api.storage import StorageFull, StorageUnavailable

DATABASE = "video_library"
Document = dict[str, Any]
DURABLE = WriteConcern(w="majority", j=True)
"""For what makes others visible: what was written before it is in the journal with it."""
_SELECTION_MS, _SOCKET_MS = 3_000, 30_000
_OUT_OF_DISK_SPACE = 14031


class InvalidMongoUri(Exception):
    """MONGODB_URI cannot be used; the message says why, and has nothing of a password in it."""


def new_client(uri: str) -> AsyncMongoClient[Document]:
    """Return a client, which connects by itself; refuse a database that is open to everybody."""
    credentials, _, hosts = urlsplit(uri).netloc.rpartition("@")
    with_certificate = "authmechanism=mongodb-x509" in uri.lower()
    remote = [each for each in hosts.split(",") if not _is_loopback(each)]
    if remote and not credentials and not with_certificate:
        raise InvalidMongoUri(
            f"MONGODB_URI names no user and password for {', '.join(remote)}."
            " Only a MongoDB at this machine's loopback address may go without."
        )
    try:
        return AsyncMongoClient(
            uri, serverSelectionTimeoutMS=_SELECTION_MS, socketTimeoutMS=_SOCKET_MS, tz_aware=True
        )
    except (PyMongoError, ValueError):
        # What the library says of it may quote the password.
        raise InvalidMongoUri("MONGODB_URI is not the URI of a MongoDB.") from None


def database_of(client: AsyncMongoClient[Document]) -> AsyncDatabase[Document]:
    """Return the database that the URI names, else the usual one."""
    try:
        return client.get_default_database(DATABASE)
    except ConfigurationError:  # pragma: no cover
        return client[DATABASE]


@contextmanager
def translated() -> Iterator[None]:
    """Turn PyMongo's errors into the storage's; the URI is in none of them."""
    try:
        yield
    except OperationFailure as error:
        if error.code == _OUT_OF_DISK_SPACE:
            raise StorageFull from error
        raise StorageUnavailable(f"MongoDB: {error}") from error
    except PyMongoError as error:
        raise StorageUnavailable(f"MongoDB: {type(error).__name__}") from error


def _is_loopback(address: str) -> bool:
    """Tell of a host, perhaps with a port, whether it is this machine's and nobody else's."""
    if address.lower().startswith("%2f"):  # a Unix socket
        return True
    host = urlsplit(f"//{address}").hostname
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
