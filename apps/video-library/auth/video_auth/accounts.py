"""Signing up, in and out."""

import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from video_auth.email_address import key_of, normalised
from video_auth.error import Busy, NotSignedIn, StorageUnavailable, WrongCredentials
from video_auth.limiter import Limiter, Limits
from video_auth.passwords import Passwords, check_strength
from video_auth.session_token import csrf_token_of, digest_of, new_token
from video_auth.store import Session, Store, User

MOST_SESSIONS = 50
"""Sessions of one user; the oldest end when there are more."""
PURGE_SECONDS = 600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SignedIn:
    """A session and whose it is, told to whoever has its token."""

    token: str
    user_id: str
    email: str
    expires: float

    @property
    def csrf_token(self) -> str:
        return csrf_token_of(self.token)

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.expires, UTC)


class Accounts:
    """What can be done with accounts; `clock` gives seconds since the epoch."""

    def __init__(
        self,
        store: Store,
        passwords: Passwords,
        limits: Limits,
        session_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._limiter = Limiter(store, limits, clock)
        self._session_seconds = session_seconds
        self._clock = clock
        self._next_purge = 0.0

    async def sign_up(self, email: str, password: str, client: str) -> None:
        """Make an account; do as much, and tell as little, where the address has one."""
        address = normalised(email)
        check_strength(password, email, address)
        async with self._limiter.sign_up(client):
            password_hash = await self._passwords.hash(password)
            user = User(
                secrets.token_hex(16), address, key_of(address), password_hash, self._clock()
            )
            await self._store.add_user(user)
        await self._purge()

    async def sign_in(self, email: str, password: str, client: str) -> SignedIn:
        """Begin a session; raise WrongCredentials, TooManyAttempts."""
        key = key_of(email)
        async with self._limiter.sign_in(key, client) as attempt:
            user = await self._store.find_user(key)
            password_hash = user.password_hash if user else None
            right = await self._passwords.verify(password_hash, password)
            if user is None or not right:
                raise WrongCredentials
            signed_in = await self._begin_session(user)
            await attempt.succeeded()
        await self._renew_hash(user, password)
        await self._purge()
        return signed_in

    async def current(self, token: str) -> SignedIn:
        """Return the session of a token; raise NotSignedIn."""
        found = await self._store.find_session(digest_of(token), self._clock())
        if found is None:
            raise NotSignedIn
        session, user = found
        return SignedIn(token, user.id, user.email, session.expires)

    async def sign_out(self, token: str) -> None:
        """End a session, if there is one."""
        await self._store.remove_session(digest_of(token))

    async def is_well(self) -> None:
        """Return if the database answers."""
        await self._store.ping()

    async def _begin_session(self, user: User) -> SignedIn:
        token, now = new_token(), self._clock()
        expires = now + self._session_seconds
        session = Session(digest_of(token), user.id, now, expires)
        await self._store.add_session(session, MOST_SESSIONS)
        return SignedIn(token, user.id, user.email, expires)

    async def _renew_hash(self, user: User, password: str) -> None:
        if self._passwords.is_outdated(user.password_hash):
            with suppress(Busy, StorageUnavailable):  # then at the next sign-in
                password_hash = await self._passwords.hash(password)
                await self._store.replace_password(user, password_hash)

    async def _purge(self) -> None:
        now = self._clock()
        if now >= self._next_purge:
            self._next_purge = now + PURGE_SECONDS
            with suppress(StorageUnavailable):  # then the next time
                await self._store.purge(now)
