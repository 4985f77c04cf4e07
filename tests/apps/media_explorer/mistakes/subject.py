"""An explorer of media of which is asked whether it makes the mistakes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx
from fastapi import FastAPI

from tests.apps.media_explorer.subjects import furnish_all

CONFIGURATION = """
MEDIA_TYPES = ["png", "jpg", "mp4"]
[MEDIA_SOURCES.pictures]
media_folder = "../pictures"
[MEDIA_SOURCES.odd]
media_folder = "../odd"
[MEDIA_SOURCES.two]
media_folder = "../pictures"
media_filter = "TWO"
[MEDIA_SOURCES.web]
media_links = ["https://example.org/b.jpg", "https://example.org/a.jpg"]
"""


class Service(Protocol):
    def names(self, source: str, keyword: str = "") -> list[str]:
        """What it lists, from A to Z."""

    def read(self, source: str, name: str) -> bytes | None:
        """The file of that name; None if it is refused."""


class Gallery(Protocol):
    """Where the page gets its pictures from, if that is a media server."""

    def ask(self, source: str, name: str) -> None:
        """Ask the server about one item; whatever comes of it."""

    def picture_url(self, source: str, name: str) -> str:
        """What a browser is to load."""


class Embedded(Protocol):
    """The server in the page's process, as one browser session sees it."""

    @property
    def url(self) -> str: ...

    def recycle(self) -> None: ...


class Pages(Protocol):
    def gallery(self, transport: httpx.BaseTransport) -> Gallery: ...

    def embedded(self, port: int) -> Embedded:
        """What one more browser session is given."""

    def stop(self) -> None:
        """End all embedded servers, and give their ports back."""


@dataclass(frozen=True)
class Subject:
    """An explorer of the media in `root`, configured by root/media_server/media_service.toml."""

    root: Path
    service: Service
    app: FastAPI
    pages: Pages


def furnish_subject(root: Path) -> Path:
    """Make media, bait around them and their configuration; returns the configuration's folder."""
    furnish_all(root)
    folder = root / "media_server"
    folder.mkdir()
    (folder / "media_service.toml").write_text(CONFIGURATION, encoding="utf-8")
    return folder
