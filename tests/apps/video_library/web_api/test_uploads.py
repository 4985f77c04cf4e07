"""Uploads over HTTP: what is taken, what is refused and when, and that nothing else stays."""

import errno
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from video_api import last_word
from video_api.disk_bytes import DiskBytes
from video_api.sqlite_rows import SqliteRows
from video_api.storage import StorageFull

from tests.apps.video_library.sample_video import Sample, sample_video
from tests.apps.video_library.web_api.boxes import padded
from tests.apps.video_library.web_api.serving import Api, Visitor, embedded_api, error_of
from tests.apps.video_library.web_api.wire import END, FORM, Wire, chunk, file_part, wire
from tests.support.waiting import until

CHUNKED = "Transfer-Encoding: chunked\r\n"


@pytest.fixture
def visitor(api: Api) -> Iterator[Visitor]:
    with api.visitor() as visitor:
        yield visitor


def post(connection: Wire, visitor: Visitor, head: str, *body: bytes) -> None:
    connection.send("POST /videos HTTP/1.1\r\n", visitor.head, FORM, head, "\r\n", *body)


def begun(
    connection: Wire, visitor: Visitor, content: bytes, size: int, *, count: int = 1
) -> dict[str, Any]:
    """Begin an upload of so many bytes; return the video once it is seen, as one of so many."""
    body = file_part(content)
    length = len(file_part(b"")) + size + len(END)
    post(connection, visitor, f"Content-Length: {length}\r\n", body)
    until(lambda: len(visitor.videos()) == count, "the beginning of the upload")
    return visitor.videos()[0]


@pytest.mark.parametrize("sample", [Sample(), Sample(faststart=False), Sample(fragmented=True)])
def test_a_video(each_api: Api, sample: Sample) -> None:
    with each_api.visitor() as visitor:
        answer = visitor.upload(sample_video(sample), "../été <b>.mp4")
        assert answer.status_code == 202
        video = answer.json()
        assert answer.headers["location"] == f"/videos/{video['id']}"
        assert (video["title"], video["status"]) == ("été <b>", "processing")
        assert video["size"] == video["received"] == len(sample_video(sample))
        video = visitor.settled(video["id"])
        assert (video["status"], video["width"], video["height"]) == ("ready", 320, 180)
        assert visitor.http.get(video["stream"]).content == sample_video(sample)
        assert visitor.videos() == [video]


def test_curl_as_the_documentation_has_it(visitor: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "from curl.mp4"
    file.write_bytes(sample_video())
    done = subprocess.run(
        [
            *("curl", "-sS", "--noproxy", "*", "-F", f"file=@{file}"),
            *("-b", f"video_library_session={visitor.token}"),
            *("-H", f"X-CSRF-Token: {visitor.csrf_token}", f"{visitor.http.base_url}/videos"),
        ],
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert b'"title":"from curl"' in done.stdout, done
    assert visitor.settled(visitor.videos()[0]["id"])["status"] == "ready"


def test_the_newest_is_first_and_all_count(visitor: Visitor) -> None:
    videos = [visitor.uploaded(name=f"{each}.mp4") for each in "abc"]
    shelf = visitor.http.get("/videos").json()
    assert [each["title"] for each in shelf["videos"]] == ["c", "b", "a"]
    assert shelf["used"] == sum(each["size"] for each in videos)
    assert (shelf["quota"], shelf["largest"]) == (10 * 1024**3, 2 * 1024**3)


BAD_FILES = {
    "nothing": b"",
    "too little": b"\0\0\0\x18ftyp",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "a page": b"<html><script>alert(1)</script>" + bytes(100),
    "another video": b"\x1aE\xdf\xa3" + bytes(100),
    "zeros": bytes(100_000),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_files_that_are_no_mp4(visitor: Visitor, name: str) -> None:
    answer = visitor.upload(BAD_FILES[name], "video.mp4")
    assert (answer.status_code, error_of(answer)) == (415, "not-mp4")
    assert visitor.http.get("/videos").json()["videos"] == []


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("multipart/form-data; boundary=b", b"--b--\r\n", 422, "no-file"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--b--\r\n',
            422,
            "no-file",
        ),
        ("multipart/form-data; boundary=b", b"rubbish", 422, "broken-form"),
        ("multipart/form-data; boundary=b", b"", 422, "broken-form"),
        ("multipart/form-data", b"--b--", 422, "broken-form"),
        ("application/json", b"{}", 415, "unsupported-media-type"),
        ("video/mp4", b"\0\0\0\x18ftypisom", 415, "unsupported-media-type"),
        ("", b"x", 415, "unsupported-media-type"),
    ],
)
def test_bodies_that_are_no_upload(
    visitor: Visitor, content_type: str, body: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = visitor.http.post("/videos", content=body, headers=headers)
    assert (answer.status_code, error_of(answer)) == (status, code)
    assert visitor.videos() == []


def test_several_files(visitor: Visitor) -> None:
    files = [("file", ("a.mp4", sample_video())), ("file", ("b.mp4", sample_video()))]
    answer = visitor.http.post("/videos", files=files)
    assert (answer.status_code, error_of(answer)) == (422, "several-files")
    assert visitor.videos() == []


def test_a_form_without_its_end(visitor: Visitor, api: Api) -> None:
    body = file_part(sample_video())
    with wire(api.url) as connection:
        post(connection, visitor, f"Content-Length: {len(body)}\r\n", body)
        answer = connection.answer()
    assert (answer.status, answer.code) == (422, "broken-form")
    assert visitor.videos() == []


def test_a_body_in_chunks(visitor: Visitor, api: Api) -> None:
    body = file_part(sample_video()) + END
    with wire(api.url) as connection:
        pieces = [chunk(body[at : at + 1000]) for at in range(0, len(body), 1000)]
        post(connection, visitor, CHUNKED, *pieces, b"0\r\n\r\n")
        answer = connection.answer()
    assert answer.status == 202
    assert visitor.settled(visitor.videos()[0]["id"])["sha256"]


@pytest.mark.parametrize("rest", [b"zz\r\n", b"-5\r\nx", b"5\r\nabcdefg\r\n", b"0\r\nbad"])
def test_chunks_that_are_none(visitor: Visitor, api: Api, rest: bytes) -> None:
    with wire(api.url) as connection:
        post(connection, visitor, CHUNKED, chunk(file_part(sample_video())))
        until(visitor.videos, "the beginning of the upload")
        connection.send(rest)
        connection.socket.shutdown(socket.SHUT_WR)
        until(lambda: not visitor.videos(), "the end of what the upload left")


def test_what_is_refused_is_refused_at_once(
    visitor: Visitor, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_word, "PATIENCE", 0.2)
    huge = "Content-Length: 1000000000\r\n"
    for head, body, status, code in [
        (huge, file_part(b"x" * 5000), 415, "not-mp4"),
        ("Content-Length: 3000000000\r\n", file_part(sample_video()), 413, "file-too-large"),
        (CHUNKED, chunk(file_part(b"x" * 5000)), 415, "not-mp4"),
    ]:
        with wire(api.url) as connection:
            post(connection, visitor, head, body)
            answer = connection.answer()
            assert (answer.status, answer.code) == (status, code)
            assert answer.headers["connection"] == "close"
            assert connection.is_closed
    assert visitor.videos() == []


def test_who_waits_to_be_told_to_go_on_is_not(visitor: Visitor, api: Api) -> None:
    with wire(api.url) as connection:
        head = "Content-Length: 3000000000\r\nExpect: 100-continue\r\n"
        post(connection, visitor, head)
        received = connection.socket.recv(65536)
    assert received.startswith(b"HTTP/1.1 413")


def test_a_refusal_is_heard_by_who_is_still_sending(visitor: Visitor, api: Api) -> None:
    body = b"x" * 20_000_000
    answer = visitor.upload(body)
    assert (answer.status_code, error_of(answer)) == (415, "not-mp4")
    with wire(api.url) as connection:  # and by who listens only then
        body = file_part(body) + END
        post(connection, visitor, f"Content-Length: {len(body)}\r\n", body)
        assert connection.answer().status == 415
        # A reset, in place of an end, would have other systems throw the answer away.
        assert not connection.is_reset
        assert connection.socket.recv(1) == b""


def test_an_upload_is_seen_as_it_comes(each_api: Api) -> None:
    with each_api.visitor() as visitor, wire(each_api.url) as connection:
        content = padded(sample_video(), 2_000_000)
        video = begun(connection, visitor, content[:1_500_000], len(content))
        assert (video["status"], video["title"]) == ("uploading", "a")
        assert video["size"] == pytest.approx(len(content), abs=2)
        assert video["stream"] is None
        until(lambda: visitor.videos()[0]["received"] == 1_500_000, "what has come")
        assert visitor.http.get("/videos").json()["used"] == video["size"]
        refused = visitor.http.get(f"/stream/{video['id']}")
        assert (refused.status_code, error_of(refused)) == (409, "not-ready")
        connection.send(content[1_500_000:], END)
        assert connection.answer().status == 202
        assert visitor.settled(video["id"])["status"] == "ready"


@pytest.mark.parametrize("how", ["cut", "close", "half"])
def test_nothing_remains_of_an_upload_that_is_broken_off(each_api: Api, how: str) -> None:
    with each_api.visitor() as visitor, wire(each_api.url) as connection:
        begun(connection, visitor, padded(sample_video(), 1_200_000), 5_000_000)
        match how:
            case "cut":
                connection.cut()
            case "close":
                connection.socket.close()
            case "half":
                connection.socket.shutdown(socket.SHUT_WR)
        until(lambda: not visitor.videos(), "the end of what the upload left")
        assert visitor.http.get("/videos").json()["used"] == 0


def test_an_upload_that_is_deleted_meanwhile(each_api: Api) -> None:
    with each_api.visitor() as visitor, wire(each_api.url) as connection:
        video = begun(connection, visitor, sample_video(), 5_000_000)
        assert visitor.http.delete(f"/videos/{video['id']}").status_code == 204
        assert visitor.videos() == []
        answer = connection.answer()
        assert (answer.status, answer.code) == (410, "upload-deleted")
        assert visitor.http.delete(f"/videos/{video['id']}").status_code == 404


def test_too_many_at_once(api: Api, visitor: Visitor) -> None:
    with wire(api.url) as first, wire(api.url) as second, wire(api.url) as third:
        for number, connection in enumerate((first, second, third), 1):
            body = file_part(sample_video())
            post(connection, visitor, "Content-Length: 1000000\r\n", body)
            until(lambda count=number: len(visitor.videos()) == count, "an upload more")  # type: ignore[misc]
        answer = visitor.upload()
        assert (answer.status_code, error_of(answer)) == (429, "too-many-uploads")
        assert int(answer.headers["retry-after"]) > 0
        with api.visitor() as other:
            assert other.upload().status_code == 202
    until(lambda: not visitor.videos(), "the end of the uploads")
    assert visitor.upload().status_code == 202


def test_limits_of_size(tmp_path: Path) -> None:
    video = sample_video()
    limits = {"max_upload_bytes": len(video), "quota_bytes": len(video) * 2}
    with embedded_api(tmp_path, **limits) as api, api.visitor() as visitor:
        larger = padded(video, len(video) + 8)
        answer = visitor.upload(larger)
        assert (answer.status_code, error_of(answer)) == (413, "file-too-large")
        with wire(api.url) as connection:
            pieces = [chunk(file_part(larger)), chunk(END), b"0\r\n\r\n"]
            post(connection, visitor, CHUNKED, *pieces)
            assert connection.answer().code == "file-too-large"
        assert visitor.videos() == []
        for _ in range(2):
            assert visitor.uploaded(video)["status"] == "ready"
        for attempt in range(2):
            with wire(api.url) as connection:
                body = file_part(video) + END
                if attempt:
                    post(connection, visitor, f"Content-Length: {len(body)}\r\n", body)
                else:
                    post(connection, visitor, CHUNKED, chunk(body), b"0\r\n\r\n")
                refusal = connection.answer()
                assert (refusal.status, refusal.code) == (413, "quota-exceeded")
        assert len(visitor.videos()) == 2
        visitor.http.delete(f"/videos/{visitor.videos()[0]['id']}")
        assert visitor.upload(video).status_code == 202
    assert len(list((tmp_path / "videos").iterdir())) == 2


def test_a_client_that_stalls(tmp_path: Path) -> None:
    with embedded_api(tmp_path, upload_patience=0.3) as api, api.visitor() as visitor:
        for content in (b"", sample_video()):
            with wire(api.url) as connection:
                post(connection, visitor, "Content-Length: 1000000\r\n", file_part(content))
                answer = connection.answer()
                assert (answer.status, answer.code) == (408, "upload-stalled")
        assert visitor.videos() == []
    assert list((tmp_path / "videos").iterdir()) == []


def test_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    little = os.statvfs_result((4096, 4096, 10_000, 600, 600, 100, 100, 100, 0, 255))

    async def there_seems_to_be_room(*_arguments: object) -> bool:
        return True

    breakages: list[list[tuple[object, str, Any]]] = [
        [(os, "write", full)],
        [(os, "statvfs", lambda _: little)],
        [(os, "statvfs", lambda _: little), (DiskBytes, "room_for", there_seems_to_be_room)],
    ]
    with embedded_api(tmp_path) as api, api.visitor() as visitor:
        for breakage in breakages:
            with monkeypatch.context() as patched:
                for owner, name, replacement in breakage:
                    patched.setattr(owner, name, replacement)
                answer = visitor.upload()
                assert (answer.status_code, error_of(answer)) == (507, "storage-full")
                assert visitor.videos() == []
                assert list((tmp_path / "videos").iterdir()) == []
        assert visitor.uploaded()["status"] == "ready"


@pytest.mark.parametrize("what", ["upload", "deletion"])
def test_there_is_not_even_room_for_a_change_of_a_row(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is to go makes room first: else nothing could ever be deleted any more."""
    deleting = SqliteRows.deleting

    async def full(rows: SqliteRows, video_id: str, *arguments: Any) -> bool:
        if list((tmp_path / "videos").glob(f"{video_id}.*")):
            raise StorageFull
        return await deleting(rows, video_id, *arguments)

    with embedded_api(tmp_path) as api, api.visitor() as visitor:
        monkeypatch.setattr(SqliteRows, "deleting", full)
        if what == "upload":
            with wire(api.url) as connection:
                begun(connection, visitor, padded(sample_video(), 1_500_000), 5_000_000)
                connection.cut()
            until(lambda: not visitor.videos(), "the end of what the upload left", 5)
        else:
            video = visitor.uploaded()
            assert visitor.http.delete(f"/videos/{video['id']}").status_code == 204
        assert visitor.videos() == []
    assert list((tmp_path / "videos").iterdir()) == []


def test_many_uploads_at_once(each_api: Api) -> None:
    def upload(number: int) -> dict[str, Any]:
        with each_api.visitor(f"{number}@many.example") as visitor:
            return visitor.uploaded(padded(sample_video(), 100_000 + number))

    with ThreadPoolExecutor(20) as threads:
        videos = list(threads.map(upload, range(20)))
    assert {each["status"] for each in videos} == {"ready"}
    assert [each["size"] for each in videos] == [100_000 + number for number in range(20)]


def test_one_account_with_many_uploads_at_once(each_api: Api) -> None:
    """Some are refused, and all that were not are there."""
    with each_api.visitor() as visitor:
        barrier = threading.Barrier(8)

        def upload(_: int) -> int:
            barrier.wait(20)
            with each_api.visitor(visitor.email) as same:
                return same.upload().status_code

        with ThreadPoolExecutor(8) as threads:
            statuses = list(threads.map(upload, range(8)))
        assert set(statuses) <= {202, 429}
        assert len(visitor.videos()) == statuses.count(202) >= 3


def test_a_title_is_text(visitor: Visitor) -> None:
    video = visitor.uploaded(name="<img src=x onerror=alert(1)>\u202e.mp4")
    assert video["title"] == "<img src=x onerror=alert(1)>"
    for path in ("/videos", f"/videos/{video['id']}"):
        answer = visitor.http.get(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_fields_beside_the_file_are_left(visitor: Visitor) -> None:
    answer = visitor.http.post(
        "/videos", files={"file": ("a.mp4", sample_video())}, data={"title": "x" * 1000}
    )
    assert answer.status_code == 202
    assert answer.json()["size"] == len(sample_video())
