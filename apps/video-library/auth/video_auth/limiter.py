"""How often somebody may try to sign in or up."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from video_auth.error import Busy, StorageUnavailable, TooManyAttempts
from video_auth.store import Allowance, Exhausted, Store, Taken


@dataclass(frozen=True)
class Limits:
    """How many within how many seconds.

    Of sign-ins the failures count, and besides, more generously, all: each takes a hash's work.
    """

    sign_in_seconds: float = 15 * 60
    per_address_and_client: int = 5
    per_client: int = 50
    per_account: int = 100
    sign_ins_per_client: int = 600
    sign_up_seconds: float = 60 * 60
    sign_ups_per_client: int = 20


class Attempt:
    """A sign-in that has been let through, and counts as a failure until it succeeds."""

    def __init__(self, store: Store, taken: list[Taken], pair: str) -> None:
        self._store = store
        self._taken = taken
        self._pair = pair

    async def succeeded(self) -> None:
        """Have it count for nothing, and forget the failures of this address from here."""
        with suppress(StorageUnavailable):  # then it counts, until its time ends
            await self._store.give_back(self._taken, forget=self._pair)


class Limiter:
    """Counts before anything is tried, so that guesses made at once are as many as in a row."""

    def __init__(self, store: Store, limits: Limits, clock: Callable[[], float]) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock

    @asynccontextmanager
    async def sign_in(self, email_key: str, client: str) -> AsyncIterator[Attempt]:
        """Let a sign-in through; raise TooManyAttempts, whether there is such an account or not."""
        limits, seconds = self._limits, self._limits.sign_in_seconds
        pair = _key("address-and-client", email_key, client)
        taken = await self._take(
            Allowance(_key("sign-in", client), limits.sign_ins_per_client, seconds),
            Allowance(_key("client", client), limits.per_client, seconds),
            Allowance(_key("account", email_key), limits.per_account, seconds),
            Allowance(pair, limits.per_address_and_client, seconds),
        )
        async with self._counted(taken):
            yield Attempt(self._store, taken[1:], pair)

    @asynccontextmanager
    async def sign_up(self, client: str) -> AsyncIterator[None]:
        """Let a sign-up through; raise TooManyAttempts."""
        limits, key = self._limits, _key("sign-up", client)
        allowance = Allowance(key, limits.sign_ups_per_client, limits.sign_up_seconds)
        async with self._counted(await self._take(allowance)):
            yield

    async def _take(self, *allowances: Allowance) -> list[Taken]:
        now = self._clock()
        try:
            return await self._store.take(allowances, now)
        except Exhausted as exhausted:
            raise TooManyAttempts(exhausted.ends - now) from None

    @asynccontextmanager
    async def _counted(self, taken: list[Taken]) -> AsyncIterator[None]:
        """Give back what was taken for something that was not tried for reasons of ours."""
        try:
            yield
        except (Busy, StorageUnavailable):
            with suppress(StorageUnavailable):  # then it counts, until its time ends
                await self._store.give_back(taken)
            raise


def _key(kind: str, *parts: str) -> str:
    """Return a name of bounded length that tells nobody's address."""
    return hashlib.sha256("\0".join((kind, *parts)).encode(errors="replace")).hexdigest()
