"""A video library of which is asked whether it makes the mistakes."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.apps.video_library.web_api.fake_auth import FakeAuth
from tests.apps.video_library.web_api.serving import NO_TLS

LARGEST = 24 * 1024 * 1024
"""Bytes that a file may have."""


@dataclass(frozen=True)
class Subject:
    """A library that is served, with its files in a folder and its accounts at an auth service."""

    url: str
    auth: FakeAuth
    folder: Path
    other_url: str
    """Another one of the same kind, which knows none of these accounts."""

    @contextlib.contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """Give somebody who is not signed in."""
        with httpx.Client(
            base_url=self.url, trust_env=False, verify=NO_TLS, timeout=30, follow_redirects=False
        ) as client:
            yield client

    @contextlib.contextmanager
    def visitor(self) -> Iterator[httpx.Client]:
        """Give somebody new who is signed in, and sends all that a page sends."""
        with self.client() as client:
            credentials = {"email": f"{secrets.token_hex(8)}@example.com", "password": "p" * 12}
            answer = client.post("/login", json=credentials)
            assert answer.status_code == 200, answer.text
            token = answer.json().get("csrf_token")
            if token:
                client.headers["X-CSRF-Token"] = token
            yield client

    def files(self) -> list[Path]:
        return sorted(each for each in self.folder.rglob("*") if each.suffix in (".mp4", ".part"))
