"""Hashes of passwords, by argon2id, in few threads: each hash takes memory and time on purpose."""

import asyncio
import base64
import logging
import secrets
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import HashingError, InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import error_to_str

from video_auth.error import Busy, WeakPassword

Found = TypeVar("Found")

SHORTEST, LONGEST = 10, 128
"""Characters of a password."""

_NO_MEMORY = error_to_str(-22)  # ARGON2_MEMORY_ALLOCATION_ERROR

log = logging.getLogger(__name__)


class Passwords:
    """Hashes `at_once` passwords at once; as many as `waiting` may wait, others are told Busy."""

    def __init__(self, hasher: PasswordHasher, at_once: int, waiting: int) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._nobodys_hash = _hash_of_nothing(hasher)

    async def hash(self, password: str) -> str:
        """Return argon2's encoded form of a password, salt and parameters in it."""
        return await self._do(lambda: self._hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Tell whether a hash is that of a password; None is nobody's and takes the same work."""
        return await self._do(lambda: self._verify(password_hash or self._nobodys_hash, password))

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether a hash was made with other parameters than those of now."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        """End the threads; what waits is cancelled."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _hash(self, password: str) -> str:
        try:
            return self._hasher.hash(_bytes(password))
        except HashingError as error:
            log.error("argon2 failed: %s", error)
            raise Busy(1) from None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, _bytes(password))
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            log.error("argon2 failed on a stored hash: %s", error)
            if str(error) == _NO_MEMORY:
                raise Busy(1) from None
            return False

    async def _do(self, work: Callable[[], Found]) -> Found:
        if not self._places.acquire(blocking=False):
            raise Busy(1)
        doing = self._threads.submit(work)
        # Who asked may be gone before the thread is through: the place is taken until then.
        doing.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(doing)


def check_strength(password: str, *emails: str) -> None:
    """Raise WeakPassword for a new password that is too short, too long or one of the addresses."""
    folded = password.strip().casefold()
    if not SHORTEST <= len(password) <= LONGEST or folded in {each.casefold() for each in emails}:
        raise WeakPassword


def _bytes(password: str) -> bytes:
    """Return the same however a keyboard composes the characters (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password).encode()


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """Return a hash that is nobody's, without the work of making one."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
