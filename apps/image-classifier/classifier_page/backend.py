"""The page's client of the service that looks at pictures."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

DEFAULT_URL = "http://127.0.0.1:8000"
"""Where `uvicorn image_classifier.main:app` listens by default."""

SECONDS = 10.0
"""How long an answer may take; a service that sleeps is awake in less."""

PING_SECONDS = 2.0


class Refused(Exception):
    """The service does not take this file; the message says why."""


class Away(Exception):
    """The service cannot answer now, whatever it is asked; the message says why."""


@dataclass(frozen=True)
class Guess:
    """What a picture may show, and how likely (0 to 1) that is."""

    label: str
    probability: float


@dataclass(frozen=True)
class Answer:
    """What a picture shows, the likeliest first, and how long it took to see that."""

    model: str
    milliseconds: float
    guesses: tuple[Guess, ...]

    @classmethod
    def parse(cls, answer: Mapping[str, Any]) -> "Answer":
        guesses = (Guess(each["label"], each["probability"]) for each in answer["predictions"])
        return cls(answer["model"], answer["milliseconds"], tuple(guesses))


@dataclass(frozen=True)
class Backend:
    """Asks the service, with a bounded wait for each answer."""

    url: str

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> "Backend":
        """Without BACKEND, which whoever runs the app sets, it is at DEFAULT_URL."""
        return cls((variables.get("BACKEND") or DEFAULT_URL).rstrip("/"))

    def classify(self, content: bytes) -> Answer:
        """Return what a picture shows; raise Refused or Away."""
        # Its own name is of no use to the service.
        response = self._ask("POST", "/predict", SECONDS, files={"file": ("picture", content)})
        if response.is_success:
            return Answer.parse(response.json())
        if response.status_code < 500:
            raise Refused(_reason(response))
        raise Away(_reason(response))

    def is_ready(self) -> bool:
        try:
            return self._ask("GET", "/health", PING_SECONDS).is_success
        except Away:
            return False

    def _ask(self, method: str, path: str, seconds: float, **more: Any) -> httpx.Response:
        try:
            # On this machine no proxy is of any use.
            with httpx.Client(timeout=seconds, trust_env=False) as client:
                return client.request(method, self.url + path, **more)
        except httpx.TimeoutException:
            raise Away(f"{self.url} does not answer within {seconds:g} seconds.") from None
        except httpx.HTTPError as error:
            raise Away(f"{self.url} does not answer: {error}.") from error


def _reason(response: httpx.Response) -> str:
    try:
        error = response.json()["error"]
        return f"{error['message']} {error['hint']}".strip()
    except (ValueError, KeyError, TypeError):
        return f"{response.url} answers {response.status_code}."
