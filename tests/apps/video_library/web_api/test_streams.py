"""Streams: ranges, validators, and nobody's but one's own; over both storages."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from gridfs import GridFSBucket
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apps.video_library.mongo import MongoServer, client_of
from tests.apps.video_library.sample_video import sample_video
from tests.apps.video_library.web_api.boxes import padded
from tests.apps.video_library.web_api.serving import Api, Visitor, api_of, embedded_api, error_of
from tests.apps.video_library.web_api.wire import wire

VIDEO = padded(sample_video(), 700_000)
SIZE = len(VIDEO)


@pytest.fixture(scope="module", params=["embedded", "mongodb"])
def ann(
    request: pytest.FixtureRequest, api: Api, mongo_api: Api
) -> Iterator[tuple[Visitor, dict[str, Any]]]:
    """A visitor with one video."""
    with (api if request.param == "embedded" else mongo_api).visitor() as visitor:
        yield visitor, visitor.uploaded(VIDEO, 'ä "b" <c>.mp4')


def test_the_whole(ann: tuple[Visitor, dict[str, Any]]) -> None:
    visitor, video = ann
    answer = visitor.http.get(video["stream"])
    assert (answer.status_code, answer.content == VIDEO) == (200, True)
    headers = answer.headers
    assert headers["content-type"] == "video/mp4"
    assert headers["content-length"] == str(SIZE)
    assert headers["etag"] == f'"{video["sha256"]}"'
    assert headers["accept-ranges"] == "bytes"
    assert headers["cache-control"] == "private, no-cache"
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == "same-site"
    assert headers["content-disposition"] == (
        "inline; filename*=UTF-8''%C3%A4%20%22b%22%20%3Cc%3E.mp4"
    )


def test_the_head(ann: tuple[Visitor, dict[str, Any]]) -> None:
    visitor, video = ann
    answer = visitor.http.head(video["stream"], headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["content-type"] == "video/mp4"


@given(first=st.integers(0, SIZE + 10), length=st.integers(1, SIZE))
@settings(max_examples=30)
def test_ranges(ann: tuple[Visitor, dict[str, Any]], first: int, length: int) -> None:
    visitor, video = ann
    last = first + length - 1
    answer = visitor.http.get(video["stream"], headers={"Range": f"bytes={first}-{last}"})
    if first >= SIZE:
        assert (answer.status_code, error_of(answer)) == (416, "range-not-satisfiable")
        assert answer.headers["content-range"] == f"bytes */{SIZE}"
        return
    end = min(last, SIZE - 1)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{end}/{SIZE}"
    assert answer.headers["content-length"] == str(end - first + 1)
    assert answer.content == VIDEO[first : end + 1]


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [("bytes=-5", SIZE - 5, SIZE), ("bytes=9-", 9, SIZE), (f"bytes=-{SIZE * 2}", 0, SIZE)],
)
def test_open_ranges(ann: tuple[Visitor, dict[str, Any]], value: str, start: int, end: int) -> None:
    visitor, video = ann
    answer = visitor.http.get(video["stream"], headers={"Range": value})
    assert (answer.status_code, answer.content == VIDEO[start:end]) == (206, True)


def test_several_ranges_are_answered_with_the_whole(ann: tuple[Visitor, dict[str, Any]]) -> None:
    visitor, video = ann
    answer = visitor.http.get(video["stream"], headers={"Range": "bytes=0-1,5-6"})
    assert (answer.status_code, len(answer.content)) == (200, SIZE)
    assert "content-range" not in answer.headers


def test_conditions(ann: tuple[Visitor, dict[str, Any]]) -> None:
    visitor, video = ann
    tag = f'"{video["sha256"]}"'
    for method in ("GET", "HEAD"):
        answer = visitor.http.request(method, video["stream"], headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
        assert "content-length" not in answer.headers
    for condition, status in ((tag, 206), ('"other"', 200), (f"W/{tag}", 200)):
        headers = {"Range": "bytes=0-9", "If-Range": condition}
        assert visitor.http.get(video["stream"], headers=headers).status_code == status


def test_nobody_sees_the_videos_of_others(ann: tuple[Visitor, dict[str, Any]], api: Api) -> None:
    visitor, video = ann
    with httpx.Client(base_url=visitor.http.base_url, trust_env=False) as anonymous:
        for method in ("GET", "HEAD"):
            assert anonymous.request(method, video["stream"]).status_code == 401
        assert anonymous.get(f"/videos/{video['id']}").status_code == 401
        assert anonymous.get("/videos").status_code == 401


def test_another_account_finds_nothing(each_api: Api) -> None:
    with each_api.visitor() as ann, each_api.visitor() as bob:
        video = ann.uploaded()
        unknown = "0" * 32
        for path in ("/videos/{}", "/stream/{}"):
            answers = [bob.http.get(path.format(each)) for each in (video["id"], unknown)]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
        assert bob.http.delete(f"/videos/{video['id']}").status_code == 404
        assert bob.videos() == []
        assert [each["id"] for each in ann.videos()] == [video["id"]]


@pytest.mark.parametrize(
    "name", ["x", "0" * 31, "0" * 33, "0" * 31 + "G", "A" * 32, "%2e%2e", "%00"]
)
def test_ids_that_are_none(api: Api, name: str) -> None:
    with api.visitor() as visitor:
        for method, path in (("GET", "videos"), ("DELETE", "videos"), ("GET", "stream")):
            answer = visitor.http.request(method, f"/{path}/{name}")
            assert (answer.status_code, error_of(answer)) == (404, "unknown-video")


def test_a_video_that_failed_is_not_streamed(each_api: Api) -> None:
    with each_api.visitor() as visitor:
        video = visitor.uploaded(sample_video()[:-10])
        assert video["status"] == "failed"
        assert "cut short" in video["error"]
        assert video["stream"] is None
        answer = visitor.http.get(f"/stream/{video['id']}")
        assert (answer.status_code, error_of(answer)) == (409, "not-ready")
        assert visitor.http.get("/videos").json()["used"] == 0
        assert visitor.http.delete(f"/videos/{video['id']}").status_code == 204
        assert visitor.videos() == []


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with embedded_api(tmp_path) as api, api.visitor() as visitor:
        lost, cut, kept = (visitor.uploaded() for _ in range(3))
        folder = tmp_path / "videos"
        (folder / f"{lost['id']}.mp4").unlink()
        with (folder / f"{cut['id']}.mp4").open("r+b") as file:
            file.truncate(1000)
        check_losses(visitor, lost, cut, kept)


def test_chunks_that_are_gone(mongodb: MongoServer) -> None:
    with mongodb.database() as uri, api_of({"mongodb_uri": uri}) as api, api.visitor() as visitor:
        lost, kept = visitor.uploaded(), visitor.uploaded()
        with client_of(uri) as client:
            database = client.get_default_database()
            database["videos.files"].delete_one({"_id": lost["id"]})
            database["videos.chunks"].delete_many({"files_id": lost["id"]})
        check_losses(visitor, lost, kept)


def test_gridfs_as_its_own_tools_see_it(mongodb: MongoServer) -> None:
    with mongodb.database() as uri, api_of({"mongodb_uri": uri}) as api, api.visitor() as visitor:
        video = visitor.uploaded(VIDEO, "a title.mp4")
        with client_of(uri) as client:
            bucket = GridFSBucket(client.get_default_database(), "videos")
            with bucket.open_download_stream(video["id"]) as stream:
                assert stream.read() == VIDEO
                assert stream.filename == "a title"
                assert stream.metadata
                assert stream.metadata["sha256"] == video["sha256"]


def check_losses(visitor: Visitor, *videos: dict[str, Any]) -> None:
    """All but the last of these are told to be lost, and can be deleted."""
    *lost, kept = videos
    shown = {each["id"]: each for each in visitor.videos()}
    for video in lost:
        assert shown[video["id"]]["status"] == "failed"
        assert "no longer in the storage" in shown[video["id"]]["error"]
        for headers in ({}, {"Range": "bytes=0-9"}):
            answer = visitor.http.get(video["stream"], headers=headers)
            assert (answer.status_code, error_of(answer)) == (404, "file-missing")
        assert visitor.http.delete(f"/videos/{video['id']}").status_code == 204
    assert [each["id"] for each in visitor.videos()] == [kept["id"]]
    assert visitor.http.get(kept["stream"]).status_code == 200


def test_many_slow_readers_hold_nobody_up(each_api: Api) -> None:
    with each_api.visitor() as visitor, ExitStack() as stack:
        video = visitor.uploaded(padded(sample_video(), 2_000_000))
        for _ in range(8):
            slow = stack.enter_context(wire(each_api.url))
            slow.send(f"GET {video['stream']} HTTP/1.1\r\n", visitor.head, "\r\n")
            assert slow.socket.recv(100).startswith(b"HTTP/1.1 200")
        chosen = random.Random(1)  # noqa: S311
        for _ in range(20):
            start = chosen.randrange(SIZE)
            answer = visitor.http.get(video["stream"], headers={"Range": f"bytes={start}-"})
            assert answer.status_code == 206


def test_a_video_that_is_deleted_while_somebody_watches(each_api: Api) -> None:
    with each_api.visitor() as visitor, wire(each_api.url) as watching:
        video = visitor.uploaded(padded(sample_video(), 8_000_000))
        watching.send(f"GET {video['stream']} HTTP/1.1\r\n", visitor.head, "\r\n")
        got = len(watching.socket.recv(1000))
        assert visitor.http.delete(f"/videos/{video['id']}").status_code == 204
        assert visitor.http.get(video["stream"]).status_code == 404
        # It goes on or it ends; it is not as if it were whole with something else in it.
        while got < video["size"] and (data := watching.socket.recv(1 << 20)):
            got += len(data)
        assert visitor.http.get("/health").status_code == 200
