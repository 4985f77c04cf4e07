"""However large a file is, the process that takes and gives it stays as small."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.apps.video_library.mongo import MongoServer
from tests.apps.video_library.processes import start_web_api
from tests.apps.video_library.sample_video import sample_video
from tests.apps.video_library.web_api.fake_auth import FakeAuth
from tests.apps.video_library.web_api.serving import Api, Visitor, served
from tests.apps.video_library.web_api.wire import END, FORM, file_part, wire
from tests.support.waiting import until

pytestmark = pytest.mark.journey

MIB = 1024 * 1024
BLOCK = bytes(MIB)
MOST_GROWTH = 64 * MIB
SIZES = {"embedded": 256 * MIB, "mongodb": 96 * MIB}


class LargeVideo:
    """A video of so many bytes: a small one, and zeros behind it in a box that players skip."""

    def __init__(self, size: int) -> None:
        self.size = size
        small = sample_video()
        self._begin = small + (size - len(small)).to_bytes(4) + b"free"

    def __iter__(self) -> Iterator[bytes]:
        yield self._begin
        left = self.size - len(self._begin)
        while left:
            data = BLOCK[:left]
            yield data
            left -= len(data)

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for data in self:
            digest.update(data)
        return digest.hexdigest()


def peak(pid: int) -> int:
    """Return the most memory that a process has had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = (int(each.split()[1]) for each in lines if each.startswith("VmHWM:"))
    return peak * 1024


def send(visitor: Visitor, url: str, video: LargeVideo) -> str:
    """Upload a video as it comes into being; return its id."""
    with wire(url) as connection:
        length = len(file_part(b"")) + video.size + len(END)
        head = f"Content-Length: {length}\r\n\r\n"
        connection.send("POST /videos HTTP/1.1\r\n", visitor.head, FORM, head, file_part(b""))
        for data in video:
            connection.send(data)
        connection.send(END)
        assert connection.answer().status == 202
    return str(visitor.videos()[0]["id"])


def fetch(visitor: Visitor, path: str) -> str:
    """Return the digest of what is streamed."""
    digest = hashlib.sha256()
    with visitor.http.stream("GET", path) as answer:
        for data in answer.iter_raw():
            digest.update(data)
    return digest.hexdigest()


@pytest.mark.parametrize("kind", ["embedded", "mongodb"])
def test_a_large_file(kind: str, tmp_path: Path, mongodb: MongoServer) -> None:
    with served(auth := FakeAuth(), lifespan=False) as auth_url, mongodb.database() as uri:
        settings = {"MONGODB_URI": uri} if kind == "mongodb" else {}
        service = start_web_api(tmp_path, auth_url, settings)
        try:
            service.wait()
            with Api(service.url, auth).visitor() as visitor:
                visitor.http.get(visitor.uploaded()["stream"])  # everything is imported by now
                before = psutil.Process(service.pid).memory_info().rss
                video = LargeVideo(SIZES[kind])
                video_id = send(visitor, service.url, video)

                def is_ready() -> bool:
                    status = visitor.http.get(f"/videos/{video_id}").json()["status"]
                    assert status != "failed"
                    return bool(status == "ready")

                until(is_ready, "the end of the processing", 60)
                assert fetch(visitor, f"/stream/{video_id}") == video.sha256
                assert peak(service.pid) - before < MOST_GROWTH
        finally:
            service.end()
