"""The page's own client of the web API, which speaks for one visitor."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx

from library_page.video import Shelf

COOKIE = "video_library_session"
TIMEOUT = 10.0

_Answer = TypeVar("_Answer")


class ApiProblem(Exception):
    """The API does not do what it was asked to; the message says why."""


class ApiAway(ApiProblem):
    """Nobody answers, not in time, or the API itself lacks somebody."""


class NotSignedIn(ApiProblem):
    """The visitor has no session, or one that is over."""


class NotFound(ApiProblem):
    """There is no such video, or it is somebody else's."""


@dataclass(frozen=True)
class Session:
    """Who the visitor is; changes that a browser asks for carry `csrf_token`."""

    email: str
    csrf_token: str

    @classmethod
    def read(cls, document: dict[str, Any]) -> Self:
        """Return the session that a document of the API tells of."""
        return cls(document["email"], document["csrf_token"])


class ApiClient:
    """Asks the API on behalf of the visitor whose session cookie is `token`."""

    def __init__(
        self, url: str, token: str | None, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        # What is no token of the API's could not even be sent.
        token = token if token and token.isascii() else None
        # On this machine no proxy is of any use.
        self._http = httpx.Client(
            base_url=url,
            cookies={COOKIE: token} if token else None,
            timeout=TIMEOUT,
            trust_env=False,
            transport=transport,
        )
        self._token = token

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def session(self) -> Session:
        """Return the visitor's session; raise NotSignedIn without asking where there is none."""
        if not self._token:
            raise NotSignedIn
        return self._ask("GET", "/session", Session.read)

    def shelf(self) -> Shelf:
        """Return the visitor's videos."""
        return self._ask("GET", "/videos", Shelf.read)

    def delete(self, video_id: str, session: Session) -> None:
        """Delete one of the visitor's videos; that it is gone already is as good."""
        path = f"/videos/{quote(video_id, safe='')}"
        with suppress(NotFound):
            self._ask("DELETE", path, lambda _: None, {"X-CSRF-Token": session.csrf_token})

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], _Answer],
        headers: dict[str, str] | None = None,
    ) -> _Answer:
        try:
            answer = self._http.request(method, path, headers=headers)
        except httpx.HTTPError as error:
            raise ApiAway("The library does not answer.") from error
        try:
            if answer.is_success:
                return read(answer.json() if answer.content else None)
            message = str(answer.json()["error"]["message"])
        except (ValueError, LookupError, TypeError) as error:
            raise ApiAway(f"The library answers nonsense ({answer.status_code}).") from error
        match answer.status_code:
            case 401:
                raise NotSignedIn(message)
            case 404:
                raise NotFound(message)
            case status if status >= 500:
                raise ApiAway(message)
        raise ApiProblem(message)
