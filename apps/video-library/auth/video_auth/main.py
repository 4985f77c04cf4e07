"""The service as it is started: `uvicorn video_auth.main:app`."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from argon2 import PasswordHasher

from video_auth.accounts import Accounts
from video_auth.api import create_app
from video_auth.error import StorageUnavailable
from video_auth.passwords import Passwords
from video_auth.settings import Settings, load_settings
from video_auth.sqlite_store import SqliteStore
from video_auth.store import Store

DAY = 24 * 3600.0

log = logging.getLogger(__name__)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Accounts]:
    """Give the accounts that the settings name, until they are no longer needed.

    A database that is away may come later; one that can't be used raises StorageRefused.
    """
    hasher = PasswordHasher(
        time_cost=settings.argon2_time_cost,
        memory_cost=settings.argon2_memory_kib,
        parallelism=settings.argon2_parallelism,
    )
    store = _store(settings)
    passwords = Passwords(hasher, settings.hashes_at_once, settings.hashes_waiting)
    accounts = Accounts(store, passwords, settings.limits, settings.session_days * DAY, time.time)
    try:
        try:
            await accounts.is_well()
        except StorageUnavailable:
            log.warning("The database does not answer yet")
        yield accounts
    finally:
        passwords.close()
        await store.close()


def _store(settings: Settings) -> Store:
    if settings.mongodb_uri is not None:
        from video_auth.mongo_store import MongoStore

        return MongoStore(settings.mongodb_uri.get_secret_value())
    return SqliteStore(settings.database_file)


logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
_settings = load_settings()
app = create_app(lambda: opened(_settings))
