"""What tests of the media server's side look at: sources, a service and a server over bait."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from favourite_store import FavouriteStore
from folder_source import FolderSource
from link_source import LinkSource
from media_config import ServiceConfig
from media_server import create_app
from media_service import MediaService
from thumbnail_cache import ThumbnailCache

from tests.apps.media_explorer.asgi import Answer
from tests.apps.media_explorer.conftest import ODD_NAMES, furnish, make_picture

AN_ID = "0" * 16 + "-" + "0" * 8  # of nothing in any trash
TOKEN = "a-token-that-only-tests-have"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}


def folder_source(folder: Path, filter_: str = "") -> FolderSource:
    return FolderSource("pictures", folder, frozenset({"png", "jpg", "mp4"}), filter_)


def names(source: FolderSource | LinkSource) -> set[str]:
    return {item.name for item in source.items()}


def furnish_all(root: Path) -> None:
    """Make the folder `pictures` with bait in and around it, and `odd` with odd names."""
    furnish(root)
    (root / "odd").mkdir()
    for name in ODD_NAMES:
        make_picture(root / "odd" / name)


def make_service(root: Path) -> MediaService:
    """A service for what `furnish_all` made; its cache and its favourites are in `root` too."""
    values: dict[str, object] = {
        "MEDIA_TYPES": ["png", "jpg", "mp4", "svg"],
        "MEDIA_SOURCES": {
            "pictures": {"media_folder": "pictures"},
            "odd": {"media_folder": "odd"},
            "two": {"media_folder": "pictures", "media_filter": "two"},
            "gone": {"media_folder": "nowhere"},
            "web": {"media_links": ["https://example.org/b.jpg", "https://example.org/a.jpg"]},
        },
    }
    config = ServiceConfig.parse(values, base=root)
    cache = ThumbnailCache(root / "cache", 10**6)
    return MediaService(config, cache, FavouriteStore(root / "data"))


def make_app(root: Path) -> FastAPI:
    return create_app(lambda: make_service(root), lambda: TOKEN)


def code(answer: Answer) -> str:
    """The code of an error, which has all parts of one."""
    reason = json.loads(answer.body)["error"]
    assert set(reason) == {"code", "message", "hint"}
    assert reason["message"]
    return str(reason["code"])


def failing(number: int, step: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A system call that fails with an error that names a path: always, or only before `step`."""
    failed = False

    def fail(path: str, *others: object, **options: object) -> Any:
        nonlocal failed
        if failed and step is not None:
            return step(path, *others, **options)
        failed = True
        raise OSError(number, os.strerror(number), path)

    return fail
