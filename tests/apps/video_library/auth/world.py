"""The service over one store, with a clock that tests set and hashes that cost next to nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import httpx
from argon2 import PasswordHasher
from video_auth.accounts import Accounts
from video_auth.api import create_app
from video_auth.error import Busy
from video_auth.limiter import Limits
from video_auth.passwords import Passwords
from video_auth.store import Store

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
ADA = {"email": EMAIL, "password": PASSWORD}
WEEK = 7 * 24 * 3600.0

Answer = httpx.Response


class Clock:
    """Says the time that it was told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class CountingHasher(PasswordHasher):
    """argon2 with the least possible cost; counts how often it has been at work.

    The first times it may fail, as it does where there is no place for one more.
    """

    def __init__(self, time_cost: int = 1, fails_first: int = 0) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.worked = 0
        self._fails = fails_first

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.worked += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        if self._fails:
            self._fails -= 1
            raise Busy(1)
        self.worked += 1
        return super().verify(hash, password)


class World:
    """One process of the service."""

    def __init__(self, store: Store, clock: Clock, hasher: CountingHasher, limits: Limits) -> None:
        self.store = store
        self.clock = clock
        self.hasher = hasher
        self.passwords = Passwords(hasher, at_once=2, waiting=32)
        self.accounts = Accounts(store, self.passwords, limits, WEEK, clock)
        self.app = create_app(self._opened)

    def client(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        """Return a client at an address; what the service raises is answered as it would be."""
        transport = httpx.ASGITransport(self.app, client=(address, 1), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://auth")

    async def ask(self, method: str, path: str, *, at: str = "192.0.2.1", **how: Any) -> Answer:
        async with self.client(at) as client:
            return await client.request(method, path, **how)

    async def sign_up(self, given: object = ADA, at: str = "192.0.2.1") -> Answer:
        return await self.ask("POST", "/users", at=at, json=given)

    async def sign_in(self, given: object = ADA, at: str = "192.0.2.1") -> Answer:
        return await self.ask("POST", "/sessions", at=at, json=given)

    async def fail(self, email: str = EMAIL, at: str = "192.0.2.1") -> int:
        """Sign in with a wrong password; return the status."""
        answer = await self.sign_in({"email": email, "password": "something wrong"}, at)
        return answer.status_code

    async def current(self, token: str) -> Answer:
        return await self.ask("GET", "/sessions/current", headers=bearer(token))

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Accounts]:
        yield self.accounts


@asynccontextmanager
async def running(
    new_store: Callable[[], Store],
    clock: Clock | None = None,
    hasher: CountingHasher | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[World]:
    """Run a process of the service."""
    store = new_store()
    world = World(store, clock or Clock(), hasher or CountingHasher(), limits or Limits())
    try:
        async with world.app.router.lifespan_context(world.app):
            yield world
    finally:
        world.passwords.close()
        await store.close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def code(answer: Answer) -> str:
    """Return the code of an error, which has all parts of one."""
    reason = answer.json()["error"]
    assert set(reason) == {"code", "message", "hint"}
    assert reason["message"]
    return str(reason["code"])


async def at_once(*asked: Any) -> list[Any]:
    return list(await asyncio.gather(*asked))
