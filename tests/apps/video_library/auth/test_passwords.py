"""Hashes are made in few threads, and not for however many wait."""

import asyncio
import threading
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError
from argon2.profiles import CHEAPEST
from video_auth.error import Busy
from video_auth.passwords import Passwords

from tests.support.asynchronous import bounded

NO_MEMORY = "Memory allocation error"  # argon2's own words


class HeldHasher(PasswordHasher):
    """Waits in each hash until it is let go; knows how many it has in hand at the most."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go = threading.Event()
        self.at_once = self.most_at_once = self.begun = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        with self._lock:
            self.begun += 1
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        assert self.go.wait(20)
        with self._lock:
            self.at_once -= 1
        return super().verify(hash, password)


class NoMemory(PasswordHasher):
    """Fails as it does where the system gives it none."""

    def hash(self, *_: Any, **__: Any) -> str:
        raise HashingError(NO_MEMORY)

    def verify(self, *_: Any, **__: Any) -> Literal[True]:
        raise VerificationError(NO_MEMORY)


@bounded
async def test_few_at_once_some_wait_and_others_are_told() -> None:
    hasher = HeldHasher()
    passwords = Passwords(hasher, at_once=2, waiting=3)
    try:
        asked = [asyncio.create_task(passwords.verify(None, "word")) for _ in range(9)]
        done, pending = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 4:
            more, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        assert all(isinstance(each.exception(), Busy) for each in done)
        hasher.go.set()
        assert [await each for each in pending] == [False] * 5
        assert hasher.most_at_once == 2
        assert await passwords.verify(None, "word") is False
    finally:
        hasher.go.set()
        passwords.close()


@bounded
async def test_who_is_gone_holds_a_place_until_the_work_is_done() -> None:
    hasher = HeldHasher()
    passwords = Passwords(hasher, at_once=1, waiting=1)
    try:
        asked = [asyncio.create_task(passwords.verify(None, "word")) for _ in range(2)]
        while not hasher.begun:
            await asyncio.sleep(0.001)
        for each in asked:
            each.cancel()
        await asyncio.wait(asked)
        # The one that had not begun is out of the way, the other is still in hand.
        waiting = asyncio.create_task(passwords.verify(None, "word"))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await passwords.verify(None, "word")
        hasher.go.set()
        assert await waiting is False
        assert hasher.begun == 2
    finally:
        hasher.go.set()
        passwords.close()


@bounded
async def test_nobodys_hash_takes_the_work_of_somebodys() -> None:
    passwords = Passwords(PasswordHasher.from_parameters(CHEAPEST), 1, 1)
    try:
        somebodys = await passwords.hash("a password")
        nobodys = passwords._nobodys_hash
        cut = nobodys.rindex("$", 0, nobodys.rindex("$"))
        assert somebodys[:cut] == nobodys[:cut]  # algorithm, version and parameters
        assert len(somebodys) == len(nobodys)
        assert not passwords.is_outdated(nobodys)
        assert await passwords.verify(somebodys, "a password")
        assert not await passwords.verify(None, "a password")
    finally:
        passwords.close()


@bounded
async def test_where_there_is_no_memory_nobody_is_told_to_be_wrong() -> None:
    passwords = Passwords(NoMemory(), 1, 1)
    try:
        with pytest.raises(Busy):
            await passwords.hash("a password")
        with pytest.raises(Busy):
            await passwords.verify(None, "a password")
    finally:
        passwords.close()
