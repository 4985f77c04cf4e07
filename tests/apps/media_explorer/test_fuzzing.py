"""Whatever a request names, nothing outside of the folder is read, moved or made."""

import json
from collections.abc import Callable
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
BAIT = (
    *("..", ".", "/", "\\", "%", "\0", "~", "$HOME", ".png", ".txt", "secret", "notes", "one"),
    *("out.png", "disguised.png", "folder.png", "same.png", "pictures", ".trash", AN_ID, "token"),
)
NAMES = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(BAIT), max_size=6).map("".join))
SEGMENTS = st.one_of(
    NAMES.map(lambda name: quote(name, safe="", errors="replace")),
    st.lists(
        st.sampled_from([*BAIT, "%2e", "%2f", "%5c", "%00", "%ff", "%252f"]).filter("\0".__ne__),
        max_size=6,
    ).map("".join),
)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS"])
ROUTES = st.sampled_from(
    ["media", "thumbnail", "media_place", "media_list", "favourite", "trash", "reload", "docs"]
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

    def is_whole(self) -> bool:
        """Whether all that is no business of a request is as it was.

        Files of the folder itself may be in its trash, or restored from it: they are never lost.
        """
        pictures = self.root / "pictures"
        files = {path.name for path in pictures.rglob("*") if path.is_file()}
        return self._outside == self._look_outside() and files >= VISIBLE

    def asked(self, question: Callable[..., Any], *names: str) -> Any:
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


@given(name=NAMES, source=st.sampled_from(["pictures", "two", "web", "gone", "..", ""]))
@settings(max_examples=300)
def test_the_service_keeps_to_its_folder(world: World, name: str, source: str) -> None:
    service = world.service
    changes = (service.favourite, service.unfavourite, service.restore, service.delete)
    for question in (service.find, service.place, *changes):
        world.asked(question, source, name)
    media = world.asked(service.open, source, name)
    if media is not None:
        with media.stream as stream:
            assert SECRET not in stream.read()
        assert name in {item.name for item in service.list_media(source).items}
    for deleted in service.trash("pictures"):
        assert service.restore("pictures", deleted.id)
    assert world.is_whole()


@given(method=METHODS, route=ROUTES, segments=st.lists(SEGMENTS, max_size=3), query=QUERIES)
@settings(max_examples=300)
def test_the_server_keeps_to_its_folders(
    world: World, method: str, route: str, segments: list[str], query: str
) -> None:
    segments = ["pictures", *segments] if len(segments) < 3 else segments
    path = "/".join(["", route, *segments])
    # Emptying the trash is asked for elsewhere: here nothing may be lost.
    if method == "DELETE" and route == "trash":
        method = "GET"
    answer = ask(world.app, path, query, method=method, headers=AUTHORISED)
    if answer.status >= 500:
        assert json.loads(answer.body)["error"]["code"] == "source-unavailable"
    assert SECRET not in answer.body
    assert str(world.root) not in answer.text
    assert world.is_whole()
