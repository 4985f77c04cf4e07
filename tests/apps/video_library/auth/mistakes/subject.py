"""A service of accounts of which is asked whether it makes the mistakes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Subject:
    """`stored` gives all that is kept, `worked` how often a password was hashed or compared.

    `accounts_of` counts those of an address; `accepts` tells whether a MongoDB may be used.
    """

    app: ASGIApp
    stored: Callable[[], bytes]
    worked: Callable[[], int]
    accounts_of: Callable[[str], int]
    accepts: Callable[[str], bool]

    async def sign_up(self, email: str, password: str) -> httpx.Response:
        return await self._post("/users", email, password)

    async def sign_in(self, email: str, password: str) -> httpx.Response:
        return await self._post("/sessions", email, password)

    async def _post(self, path: str, email: str, password: str) -> httpx.Response:
        transport: Any = httpx.ASGITransport(self.app, client=("192.0.2.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://auth") as client:
            return await client.post(path, json={"email": email, "password": password})
