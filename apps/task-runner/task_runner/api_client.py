"""The page's own client of the REST API."""

import os
from types import TracebackType
from typing import Any, Self

import httpx

from computations.computation import Arguments

DEFAULT_URL = "http://127.0.0.1:8000"
"""Where `uvicorn api:app` listens by default."""

TIMEOUT = 5.0


class ApiFailed(Exception):
    """The API cannot be reached, or refuses; the message says why."""


class ApiUnreachable(ApiFailed):
    """Nobody answers at the API's address, or not in time."""


class ApiClient:
    """Asks the API, with a bounded wait for each answer."""

    def __init__(self, url: str | None = None, *, wait: float = TIMEOUT) -> None:
        """Without a URL it is API_URL, which the controller sets, or else DEFAULT_URL."""
        self.url = (url or os.environ.get("API_URL") or DEFAULT_URL).rstrip("/")
        # On this machine no proxy is of any use.
        self._http = httpx.Client(base_url=self.url, timeout=wait, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def start(self, computation: str, arguments: Arguments) -> dict[str, Any]:
        """Start a job."""
        return self._json("POST", "/jobs", {"computation": computation, **arguments})

    def look(self, job_id: str) -> dict[str, Any]:
        """Return how far a job is."""
        return self._json("GET", f"/jobs/{job_id}")

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Cancel a job."""
        return self._json("DELETE", f"/jobs/{job_id}")

    def picture(self, job_id: str) -> bytes:
        """Return the picture of a job that has one."""
        return self._ask("GET", f"/jobs/{job_id}/picture").content

    def ping(self) -> None:
        """Raise ApiUnreachable where nobody answers."""
        self._ask("GET", "/computations")

    def _json(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask(method, path, body).json()
        return answer

    def _ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise ApiUnreachable(f"{self.url} does not answer: {error}") from error
        if answer.is_success:
            return answer
        try:
            reason = answer.json()["error"]
            raise ApiFailed(f"{reason['message']} {reason['hint']}".strip())
        except (ValueError, KeyError, TypeError):
            raise ApiFailed(f"{self.url} answers {answer.status_code}") from None
