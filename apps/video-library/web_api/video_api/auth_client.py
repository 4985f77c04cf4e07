"""The auth service as the API asks it: what it does not say clearly counts as not said."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from video_api.errors import Failure, Reason

TIMEOUT = 10.0
"""Seconds; a password is a second's work for it, and others may be before."""
REFUSALS = (401, 422, 429)
Answer = TypeVar("Answer", bound=BaseModel)


class AuthUnavailable(Exception):
    """The auth service is away, fails, or answers nonsense."""

    def __init__(self, retry_after: str | None = None) -> None:
        super().__init__()
        self.retry_after = retry_after


class AuthRefused(Exception):
    """The auth service says no, and why."""

    def __init__(self, status: int, reason: Reason, retry_after: str | None) -> None:
        super().__init__(reason.message)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


class _SessionBase(BaseModel):
    model_config = ConfigDict(frozen=True)

    csrf_token: str = Field(min_length=16, max_length=512, pattern=r"^[!-~]+$")
    email: str = Field(min_length=3, max_length=320)
    user_id: str = Field(min_length=1, max_length=200)
    expires_at: AwareDatetime


class Session(_SessionBase):
    """Who is signed in, and until when."""


class NewSession(_SessionBase):
    """The same, with the token that only its owner knows."""

    token: str = Field(min_length=32, max_length=512, pattern=r"^[A-Za-z0-9_.~-]+$")


class Accepted(BaseModel):
    """What it says to a new account, and in the same words to one that was there."""

    message: str = Field(max_length=1000)


@dataclass(frozen=True)
class Credentials:
    """Who somebody says to be, and from where."""

    email: str
    password: str
    address: str | None


class AuthClient:
    """Asks the service at an address; `state` tells whether it answered lately."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=TIMEOUT,
            trust_env=False,  # it is near: no proxy is between
            transport=transport,
            headers={"Accept": "application/json"},
        )
        self.state = "unknown"
        """Whether it answered when it was last asked: ok, unavailable or unknown."""

    async def close(self) -> None:
        await self._http.aclose()

    async def sign_up(self, credentials: Credentials) -> Accepted:
        answer = await self._send_credentials("/users", credentials)
        return _parsed(Accepted, answer, 202)

    async def sign_in(self, credentials: Credentials) -> NewSession:
        answer = await self._send_credentials("/sessions", credentials)
        return _parsed(NewSession, answer, 201)

    async def session(self, token: str) -> Session | None:
        """Return the session of a token; None where there is none, or none any more."""
        answer = await self._ask("GET", "/sessions/current", headers=_bearer(token))
        return None if answer.status_code == 401 else _parsed(Session, answer, 200)

    async def sign_out(self, token: str) -> None:
        answer = await self._ask("DELETE", "/sessions/current", headers=_bearer(token))
        if answer.status_code not in (204, 401):
            raise AuthUnavailable

    async def _send_credentials(self, path: str, credentials: Credentials) -> httpx.Response:
        body = {"email": credentials.email, "password": credentials.password}
        headers = {"X-Forwarded-For": credentials.address} if credentials.address else {}
        answer = await self._ask("POST", path, headers=headers, json=body)
        if answer.status_code in REFUSALS:
            raise _refusal(answer)
        return answer

    async def _ask(
        self, method: str, path: str, *, headers: dict[str, str], json: object = None
    ) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, headers=headers, json=json)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.state = "unavailable"
            raise AuthUnavailable from error
        self.state = "unavailable" if answer.status_code >= 500 else "ok"
        if answer.status_code >= 500:
            raise AuthUnavailable(_retry_after(answer))
        return answer


def remaining(session: Session | NewSession, now: datetime) -> int:
    """Return the whole seconds for which a session still lasts."""
    return max(0, int((session.expires_at - now).total_seconds()))


def _parsed(kind: type[Answer], answer: httpx.Response, status: int) -> Answer:
    if answer.status_code != status:
        raise AuthUnavailable
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError as error:
        raise AuthUnavailable from error


def _refusal(answer: httpx.Response) -> AuthRefused:
    try:
        failure = Failure.model_validate_json(answer.content)
    except ValidationError as error:
        raise AuthUnavailable from error
    return AuthRefused(answer.status_code, failure.error, _retry_after(answer))


def _retry_after(answer: httpx.Response) -> str | None:
    seconds = answer.headers.get("retry-after", "")
    return seconds if seconds.isascii() and seconds.isdigit() and len(seconds) < 10 else None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
