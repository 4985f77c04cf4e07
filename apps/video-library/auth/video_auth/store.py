"""What the database keeps, and what every driver of one can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class User:
    """An account; no two have the same `email_key`. `password_hash` is argon2's encoded form."""

    id: str
    email: str
    email_key: str
    password_hash: str
    created: float


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in; `digest` is the token's, which itself is not kept."""

    digest: str
    user_id: str
    created: float
    expires: float


@dataclass(frozen=True)
class Allowance:
    """How often something may be done: `most` times within `seconds` of the first time."""

    key: str
    most: int
    seconds: float


@dataclass(frozen=True)
class Taken:
    """One of an allowance, whose time ends at `ends`."""

    key: str
    ends: float


class Exhausted(Exception):
    """There is none left of an allowance until `ends`."""

    def __init__(self, ends: float) -> None:
        super().__init__(ends)
        self.ends = ends


class Store(Protocol):
    """A database of accounts. Times are seconds since the epoch.

    Everything raises StorageUnavailable where the database does not answer in a few seconds, and
    StorageRefused where it never will. What a method changes is on disk when it returns, and holds
    among several processes at once: no address gets two accounts, no allowance is exceeded.
    """

    async def ping(self) -> None:
        """Return if the database answers."""

    async def add_user(self, user: User) -> bool:
        """Add an account; tell whether it was: an account of the same address stays as it is.

        It takes as much work either way.
        """

    async def find_user(self, email_key: str) -> User | None:
        """Return the account of an address."""

    async def replace_password(self, user: User, password_hash: str) -> None:
        """Give an account another hash, unless it was given another one meanwhile."""

    async def add_session(self, session: Session, most: int) -> None:
        """Add a session; of the user's sessions keep only the newest `most`."""

    async def find_session(self, digest: str, now: float) -> tuple[Session, User] | None:
        """Return a session that has not expired, and whose it is."""

    async def remove_session(self, digest: str) -> None:
        """End a session, if there is one."""

    async def take(self, allowances: Sequence[Allowance], now: float) -> list[Taken]:
        """Take one of each; raise Exhausted, and take none, where one of them has none left."""

    async def give_back(self, taken: Sequence[Taken], forget: str = "") -> None:
        """Return what was taken, if its time has not ended, and make one allowance whole again."""

    async def purge(self, now: float) -> None:
        """Remove sessions that have expired, and allowances whose time has ended."""

    async def close(self) -> None:
        """Let go of the database."""
