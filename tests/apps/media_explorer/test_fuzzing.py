"""Whatever a request names, nothing outside of the folder is read, moved or made."""

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from media_error import MediaError
from media_service import MediaService

from tests.apps.media_explorer.asgi import ask
from tests.apps.media_explorer.conftest import SECRET, VISIBLE
from tests.apps.media_explorer.subjects import AUTHORISED, furnish_all, make_app, make_service

AN_ID = "18e9f543132e8572-00000000"
WAYS = (
    *("", "../", "..\\", "./", "/", "//", "../pictures/", "folder.png/", "folder.png/../"),
    *("folder.png/../../", "same.png/../", ".trash/", f".trash/{AN_ID}/", "one.png\0/../", "~/"),
)
GOALS = (
    *("one.png", "TWO.JPG", "film.mp4", "same.png", "old.png", "inner.png", "folder.png"),
    *("secret.png", "secret.txt", "notes.txt", "jpgnotes.txt", "out.png", "disguised.png"),
    *("loop.png", "pipe.png", ".hidden.png", "a.jpg", AN_ID, "..", "."),
)
ENDS = ("", "/", "\0", "\0.png")
BAIT = tuple("".join(parts) for parts in product(WAYS, GOALS, ENDS))
NAMES = st.one_of(
    st.sampled_from(GOALS),
    st.sampled_from(BAIT),
    st.lists(st.sampled_from([*WAYS, *GOALS, *ENDS]), max_size=5).map("".join),
    st.text(max_size=30),
)
SOURCES = st.sampled_from(["pictures"] * 6 + ["two", "web", "gone", "..", "", "pictures/.."])


def spelt(name: str, spelling: int) -> str:
    """A name as a segment of a path: raw, quoted wholly or in part, or quoted twice."""
    quoted = quote(name, safe=["", "/", "\\", "/\\."][spelling % 4], errors="replace")
    return quote(quoted, safe="") if spelling > 6 else quoted


SEGMENTS = st.builds(spelt, NAMES, st.integers(0, 7))
METHODS = st.sampled_from(["GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS"])
ROUTES = st.sampled_from(
    ["media", "media", "thumbnail", "media_place", "media_list", "favourite", "trash", "docs"]
)
QUERIES = st.sampled_from(
    ["", "encode=true", "width=64", "filter_string=..%2f", "offset=9" + "9" * 30, "v=%00"]
)


class World:
    """A service and a server, and what must not change around the folder that they show."""

    def __init__(self, root: Path) -> None:
        self.root = root
        furnish_all(root)
        (root / "pictures" / ".trash" / AN_ID).mkdir(parents=True)
        (root / "pictures" / ".trash" / AN_ID / "old.png").write_bytes(b"deleted")
        self.service: MediaService = make_service(root)
        self.app: FastAPI = make_app(root)
        self._outside = self._look_outside()

    def question_service(self, source: str, name: str) -> None:
        """Ask it everything about one name, and for all that follows from it."""
        service = self.service
        changes = (service.favourite, service.unfavourite, service.restore, service.delete)
        for question in (service.find, service.place, *changes):
            self._asked(question, source, name)
        self._restore_all()
        media = self._asked(service.open, source, name)
        if media is not None:
            with media.stream as stream:
                assert SECRET not in stream.read()
            assert name in {item.name for item in service.list_media(source).items}

    def question_server(self, method: str, path: str, query: str = "") -> None:
        answer = ask(self.app, path, query, method=method, headers=AUTHORISED)
        if answer.status >= 500:
            assert json.loads(answer.body)["error"]["code"] == "source-unavailable"
        assert SECRET not in answer.body
        assert str(self.root) not in answer.text
        self._restore_all()

    def is_whole(self) -> bool:
        """Whether nothing outside was changed, and nothing of the folder has been lost."""
        shown = {item.name for item in self.service.list_media("pictures").items}
        return self._outside == self._look_outside() and shown >= VISIBLE

    def _restore_all(self) -> None:
        for deleted in self.service.trash("pictures"):
            assert self.service.restore("pictures", deleted.id)

    def _asked(self, question: Callable[..., Any], *names: str) -> Any:
        """The answer of the service; None if it refuses, which must tell no path."""
        try:
            return question(*names)
        except MediaError as error:
            if str(self.root) in error.message + error.hint:
                raise AssertionError(error.message) from None
            return None

    def _look_outside(self) -> dict[str, bytes]:
        pictures, own = self.root / "pictures", ("pictures", "odd", "cache", "data")
        around = [each for each in self.root.iterdir() if each.name not in own]
        inner = [pictures / name for name in ("notes.txt", "jpgnotes.txt", "folder.png/inner.png")]
        return {str(path): path.read_bytes() for path in (*around, *inner)}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("fuzzed"))


def test_no_bait_is_taken_from_the_service(world: World) -> None:
    for name in BAIT:
        world.question_service("pictures", name)
    assert world.is_whole()


@given(name=NAMES, source=SOURCES)
@settings(max_examples=300)
def test_the_service_keeps_to_its_folder(world: World, name: str, source: str) -> None:
    world.question_service(source, name)
    assert world.is_whole()


def test_no_bait_is_taken_from_the_server(world: World) -> None:
    for spelling, name in enumerate(BAIT):
        world.question_server("GET", f"/media/pictures/{spelt(name, spelling)}")


@given(method=METHODS, route=ROUTES, source=SOURCES, name=SEGMENTS, query=QUERIES)
@settings(max_examples=300)
def test_the_server_keeps_to_its_folders(
    world: World, method: str, route: str, source: str, name: str, query: str
) -> None:
    path = f"/{route}/{source}" if route == "media_list" else f"/{route}/{source}/{name}"
    world.question_server(method, path, query)
    assert world.is_whole()
