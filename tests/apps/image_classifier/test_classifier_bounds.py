"""What the service takes at the most, of bytes, of pictures at once and of time."""

import gc
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from image_classifier import inference
from image_classifier.main import create_app
from image_classifier.model import Model
from image_classifier.picture import read_picture
from image_classifier.settings import Settings
from image_classifier.upload import AROUND

from tests.apps.image_classifier.conftest import (
    COFFEE,
    assert_refused,
    predict,
    serving,
)
from tests.support.waiting import until

MIB = 2**20


def raw(client: httpx.Client, head: str) -> socket.socket:
    """Return a connection on which a request has begun."""
    connection = socket.create_connection(("127.0.0.1", client.base_url.port or 0), timeout=20)
    lines = ["Host: x", "Content-Type: multipart/form-data; boundary=b", head, "", ""]
    connection.sendall("\r\n".join(["POST /predict HTTP/1.1", *lines]).encode())
    return connection


def status_line(connection: socket.socket) -> bytes:
    with connection.makefile("rb", buffering=0) as answer:
        return answer.readline()


def test_a_large_upload_is_refused_before_it_is_sent(service: httpx.Client) -> None:
    with raw(service, f"Content-Length: {200 * MIB}") as connection:
        assert status_line(connection).startswith(b"HTTP/1.1 413 ")


def test_a_large_upload_of_unknown_length_is_refused_when_it_is_too_large(
    service: httpx.Client,
) -> None:
    """And what comes after that is thrown away, so that the answer does not get lost."""

    def chunk(content: bytes) -> bytes:
        return b"%x\r\n%s\r\n" % (len(content), content)

    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    with raw(service, "Transfer-Encoding: chunked") as connection:
        connection.sendall(chunk(part))
        for _ in range(11):
            connection.sendall(chunk(bytes(MIB)))
        assert status_line(connection).startswith(b"HTTP/1.1 413 ")
        for _ in range(20):
            connection.sendall(chunk(bytes(MIB)))
        connection.sendall(chunk(b"") + b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        with connection.makefile("rb") as answers:
            assert any(b"HTTP/1.1 200 " in line for line in answers)


def test_curl_is_told_why(service: httpx.Client, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(bytes(40 * MIB))
    for more in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect:"]):
        command = ["curl", "-sS", *more, "-F", f"file=@{large}", f"{service.base_url}/predict"]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        assert b"file-too-large" in done.stdout, (more, done.stderr)


def test_clients_that_go_in_the_middle_are_no_failure(
    service: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        with raw(service, f"Content-Length: {MIB}") as connection:
            connection.sendall(b"--b\r\nContent-Disposition: form-data")
    assert predict(service).is_success
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


class Gate:
    """Holds those who look at pictures until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._open = threading.Event()
        self.seen = 0
        monkeypatch.setattr("image_classifier.inference.read_picture", self)

    def __call__(self, content: bytes) -> Any:
        self.seen += 1
        assert self._open.wait(20)
        return read_picture(content)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(monkeypatch)
    yield gate
    gate.open()


@pytest.fixture
def narrow(model_dir: Path, gate: Gate) -> Iterator[httpx.Client]:
    """A service that looks at one picture while two wait."""
    with serving(create_app(Settings(model_dir=model_dir, threads=1, queue=2))) as client:
        yield client
        gate.open()


def there_are(client: httpx.Client, pictures: int) -> None:
    """Wait until so many are looked at or wait, as /health tells it, which waits for nothing."""
    until(lambda: client.get("/health").json().get("pictures") == pictures, f"{pictures} pictures")


def sent(client: httpx.Client, content: bytes = COFFEE) -> socket.socket:
    """Return a connection on which a picture was sent, and whose answer nobody reads."""
    request = client.build_request("POST", "/predict", files={"file": content})
    port = client.base_url.port or 0
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    connection.sendall(f"POST /predict HTTP/1.1\r\n{head}\r\n".encode() + request.read())
    return connection


def test_no_more_wait_than_may(narrow: httpx.Client, gate: Gate) -> None:
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(predict, narrow) for _ in range(3)]
        there_are(narrow, 3)
        refused = predict(narrow)
        assert_refused(refused, 503, "too-busy")
        assert int(refused.headers["Retry-After"]) > 0
        until(lambda: gate.seen == 1, "the first one's turn")
        assert not any(each.done() for each in waiting)
        gate.open()
        assert [each.result().status_code for each in waiting] == [200, 200, 200]
    assert predict(narrow).is_success
    there_are(narrow, 0)


def test_who_has_gone_does_not_wait_any_longer(narrow: httpx.Client, gate: Gate) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(predict, narrow)
        until(lambda: gate.seen == 1, "the first one's turn")
        with sent(narrow), sent(narrow):
            there_are(narrow, 3)
        there_are(narrow, 1)
        gate.open()
        assert first.result().is_success
    assert predict(narrow).is_success
    assert gate.seen == 2, "nobody looked at the pictures of those who went"


def test_a_thread_is_taken_until_it_is_done_whoever_has_gone(
    narrow: httpx.Client, gate: Gate
) -> None:
    with sent(narrow):
        until(lambda: gate.seen == 1, "its turn")
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(predict, narrow) for _ in range(2)]
        there_are(narrow, 3)
        assert_refused(predict(narrow), 503, "too-busy")
        assert gate.seen == 1
        gate.open()
        assert [each.result().status_code for each in waiting] == [200, 200]


def test_who_goes_before_it_is_refused_is_no_failure(
    narrow: httpx.Client, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is there any more for what came of it: neither an answer nor a word in the log."""
    with sent(narrow, b"no picture"):
        until(lambda: gate.seen == 1, "its turn")
    there_are(narrow, 1)
    gate.open()
    there_are(narrow, 0)
    gc.collect()
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


def test_uploads_have_a_bound_together(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("image_classifier.main.HELD_FILES", 1)
    size = AROUND + len(COFFEE)
    with serving(create_app(Settings(model_dir=model_dir, max_bytes=size))) as client:
        part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        with raw(client, f"Content-Length: {size}") as connection:
            connection.sendall(part + bytes(2 * AROUND))
            until(lambda: predict(client).status_code == 503, "too much is held")
            assert_refused(predict(client), 503, "too-busy")
        until(lambda: predict(client).status_code == 200, "that is given back")


def test_an_upload_that_stops_ends(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("image_classifier.upload.Uploads.__init__.__defaults__", (0.2,))
    with (
        serving(create_app(Settings(model_dir=model_dir))) as client,
        raw(client, "Content-Length: 1000") as connection,
    ):
        assert status_line(connection).startswith(b"HTTP/1.1 408 ")


def loading(monkeypatch: pytest.MonkeyPatch, load: Callable[[Settings], Model]) -> None:
    monkeypatch.setattr(Model, "load", load)


def test_a_picture_waits_for_the_model_and_health_does_not(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = threading.Event()

    def load(_settings: Settings) -> Model:
        assert loaded.wait(20)
        return model

    loading(monkeypatch, load)
    with serving(create_app(Settings())) as client, ThreadPoolExecutor(1) as pool:
        assert_refused(client.get("/health"), 503, "model-loading")
        assert client.get("/").is_success
        with monkeypatch.context() as patch:
            patch.setattr(inference, "LOADING_SECONDS", 0.05)
            assert_refused(predict(client), 503, "model-loading")
        waiting = pool.submit(predict, client)
        for _ in range(10):
            assert_refused(client.get("/health"), 503, "model-loading")
        assert not waiting.done()
        loaded.set()
        assert waiting.result().is_success
        assert client.get("/health").is_success


def test_a_model_that_cannot_be_loaded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def load(_settings: Settings) -> Model:
        raise OSError("no such weights")

    loading(monkeypatch, load)
    with serving(create_app(Settings())) as client:
        until(lambda: "no such weights" in caplog.text, "the log says why")
        assert_refused(predict(client), 503, "model-failed")
        assert_refused(client.get("/health"), 503, "model-failed")
