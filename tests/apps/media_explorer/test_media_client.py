"""Calls of a media server: what is sent, and what is said of each way in which they fail."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from explorer import server_answer
from explorer.gallery import GalleryError, Listing
from explorer.media_client import MediaClient
from explorer.remote_gallery import RemoteGallery
from explorer.server_token import token_for

from tests.apps.media_explorer.conftest import ODD_NAMES

URL = "http://127.0.0.1:1"
PATH = "/app/media-explorer/api"


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def wait(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow", request=request)


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (refuse, "cannot be reached"),
        (wait, "in time"),
        (lambda _: httpx.Response(200, text="<html>"), "not a media server"),
        (lambda _: httpx.Response(200, json=[]), "not a media server"),
        (lambda _: httpx.Response(200, json={"sources": [{}]}), "not a media server"),
        (lambda _: httpx.Response(502, text="Bad gateway"), "not a media server"),
        (lambda _: httpx.Response(500, json={"error": {"message": "m", "hint": "h"}}), "m"),
    ],
)
def test_a_server_that_fails_is_one_clear_message(
    handler: Callable[[httpx.Request], httpx.Response], said: str
) -> None:
    with (
        RemoteGallery(URL, PATH, transport=httpx.MockTransport(handler)) as gallery,
        pytest.raises(GalleryError, match=said),
    ):
        gallery.sources()


def test_names_are_quoted_in_calls() -> None:
    asked: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(404, json={"error": {"message": "m", "hint": ""}})

    with RemoteGallery(URL, PATH, transport=httpx.MockTransport(note)) as gallery:
        for name in ODD_NAMES:
            with pytest.raises(GalleryError):
                gallery.place("a/b", name, Listing())
    expected = [f"/media_place/a%2Fb/{quote(name, safe='')}" for name in ODD_NAMES]
    assert [path.partition("?")[0] for path in asked] == expected


def test_there_is_always_a_timeout() -> None:
    limits: list[dict[str, float | None]] = []

    def note(request: httpx.Request) -> httpx.Response:
        limits.append(request.extensions["timeout"])
        return httpx.Response(200, json={"sources": []})

    with RemoteGallery(URL, PATH, transport=httpx.MockTransport(note)) as gallery:
        gallery.sources()
        gallery.recycle()
    assert len(limits) == 2
    assert all(0 < (seconds or 0) <= 30 for limit in limits for seconds in limit.values())


def test_only_changes_carry_the_token_which_may_be_made_anew() -> None:
    carried: list[tuple[str, str | None]] = []
    tokens = iter(["first", "second", ""])

    def note(request: httpx.Request) -> httpx.Response:
        carried.append((request.url.path, request.headers.get("authorization")))
        return httpx.Response(200, json={"sources": [], "items": []})

    client = MediaClient(URL, lambda: next(tokens), transport=httpx.MockTransport(note))
    client.get(server_answer.sources, "media_sources")
    client.authorised("POST", server_answer.nothing, "reload")
    client.authorised("GET", server_answer.trash, "trash", "photos")
    client.authorised("POST", server_answer.nothing, "reload")
    client.close()
    assert carried == [
        ("/media_sources", None),
        ("/reload", "Bearer first"),
        ("/trash/photos", "Bearer second"),
        ("/reload", None),
    ]


@pytest.mark.parametrize(
    ("server_url", "configured", "expected"),
    [
        ("http://127.0.0.1:8765", "", "that-of-this-account"),
        ("http://[::1]:8765", "", "that-of-this-account"),
        ("http://127.0.0.1:8765", "given", "given"),
        ("https://media.example.org", "given", "given"),
        ("https://media.example.org", "", ""),
    ],
)
def test_the_token_of_this_account_goes_to_servers_of_this_machine_only(
    server_url: str, configured: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_SERVER_TOKEN", "that-of-this-account")
    assert token_for(server_url, configured)() == expected


def test_without_a_place_for_the_token_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("MEDIA_SERVER_TOKEN", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file"))
    with pytest.raises(GalleryError, match="token"):
        token_for(URL, "")()
