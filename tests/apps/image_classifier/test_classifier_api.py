"""The service over HTTP: its routes, what it refuses and how, and its bounds."""

import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from image_classifier.main import create_app
from image_classifier.settings import Settings
from PIL import Image

from tests.apps.image_classifier.conftest import (
    COFFEE,
    SAMPLES,
    assert_refused,
    encoded,
    opened,
    predict,
    serving,
)

MIB = 2**20
BOMB = encoded(Image.new("1", (6000, 5000)))

BAD: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 415, "not-an-image"),
    "text": (b"an essay about cats", 415, "not-an-image"),
    "page": (b"<html><script>alert(1)</script></html>", 415, "not-an-image"),
    "other kind": (encoded(Image.new("RGB", (9, 9)), "TIFF"), 415, "not-an-image"),
    "truncated": (COFFEE[:2000], 422, "damaged-image"),
    "bomb": (BOMB, 422, "too-many-pixels"),
    "large": (b"\x89PNG" * (3 * MIB), 413, "file-too-large"),
    "a little too large": (COFFEE + bytes(10 * MIB + 1 - len(COFFEE)), 413, "file-too-large"),
}


def test_a_prediction(service: httpx.Client) -> None:
    answer = predict(service)
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"model", "milliseconds", "predictions"}
    assert told["model"] == "EfficientNet-Lite0"
    assert 0 < told["milliseconds"] < 10_000
    best = told["predictions"][0]
    assert (best["class_id"], best["label"]) == (967, "espresso")
    assert best["probability"] > 0.9
    assert len(told["predictions"]) == 5


@pytest.mark.parametrize("path", ["/predict", "/classify/", "/classify"])
def test_its_routes_are_the_same(service: httpx.Client, path: str) -> None:
    answer = service.post(path, params={"k": 2}, files={"file": COFFEE})
    assert answer.status_code == 200
    assert answer.json()["predictions"] == predict(service).json()["predictions"][:2]


@pytest.mark.parametrize(("k", "status"), [(1, 200), (10, 200), (0, 422), (11, 422), ("all", 422)])
def test_how_many_classes(service: httpx.Client, k: Any, status: int) -> None:
    answer = predict(service, params={"k": k})
    assert answer.status_code == status
    if status == 200:
        assert len(answer.json()["predictions"]) == k
    else:
        assert_refused(answer, 422, "invalid-request")
        assert answer.json()["error"]["message"].startswith("k: ")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file(service: httpx.Client, name: str) -> None:
    content, status, code = BAD[name]
    assert_refused(predict(service, content), status, code)


def test_a_file_of_exactly_the_size_that_is_taken(service: httpx.Client) -> None:
    content = COFFEE + bytes(10 * MIB - len(COFFEE))
    assert predict(service, content).json()["predictions"][0]["label"] == "espresso"


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"content": COFFEE, "headers": {"Content-Type": "image/png"}},
        {"data": {"file": "a text"}},
        {"json": {"file": "a text"}},
        {"files": {"image": COFFEE}},
        {"files": {"file": (None, "a text")}},
        {"files": [("file", COFFEE), ("file", COFFEE)]},
        {"files": [("file", COFFEE)] + [(f"f{each}", (None, "x")) for each in range(20)]},
        {"files": {"file": COFFEE, "more": (None, b"x" * 2 * MIB)}},
        {"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"rubbish", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    ],
    ids=str,
)
def test_what_is_no_form_with_a_file(service: httpx.Client, more: dict[str, Any]) -> None:
    answer = service.post("/predict", **more)
    assert_refused(answer, 422, "invalid-request")
    assert "curl -F file=@" in answer.json()["error"]["hint"]


def test_other_fields_do_no_harm(service: httpx.Client) -> None:
    answer = service.post("/predict", data={"note": "mine"}, files={"file": COFFEE})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/<b>", 404, "not-found"),
        ("GET", "/predict", 405, "method-not-allowed"),
        ("PUT", "/classify/", 405, "method-not-allowed"),
        ("POST", "/", 405, "method-not-allowed"),
        ("POST", "/predict/", 404, "not-found"),
    ],
)
def test_what_there_is_not(
    service: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    assert_refused(service.request(method, path), status, code)


def test_what_it_is_and_that_it_is_well(service: httpx.Client) -> None:
    told = service.get("/").json()
    assert (told["model"], told["classes"]) == ("EfficientNet-Lite0", 1000)
    health = {"status": "ok", "model": "EfficientNet-Lite0", "pictures": 0}
    assert service.get(told["health"]).json() == health
    assert service.get(told["docs"]).is_success


def test_addresses_below_a_root_path(model_dir: Path) -> None:
    app = create_app(Settings(model_dir=model_dir))
    with serving(app, "/app/image-classifier/api") as client:
        assert client.get("/").json()["predict"] == "/app/image-classifier/api/predict"
        page = client.get("/docs").text
        assert "/app/image-classifier/api/static-offline-docs/swagger-ui-bundle.js" in page
        described = client.get("/openapi.json").json()["paths"]
        assert set(described) == {"/", "/health", "/predict", "/classify/"}
        assert "multipart/form-data" in json.dumps(described["/predict"])


def test_nothing_of_an_upload_is_written(
    service: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither under the name it comes with, nor as a temporary file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    for name in ("../../escaped.png", str(tmp_path / "escaped.png"), "x\0.png", "ä\r\nX: y.png"):
        content = COFFEE + bytes(5 * MIB)
        answer = service.post("/predict", files={"file": (name, content)})
        assert answer.json()["predictions"][0]["label"] == "espresso"
        assert name not in answer.text
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_expected_says_nothing(
    service: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("image_classifier.inference.read_picture", broken)
    answer = predict(service)
    assert_refused(answer, 500, "internal-error")
    assert "secret" not in answer.text


def test_good_and_bad_uploads_at_once_are_each_answered_as_alone(service: httpx.Client) -> None:
    good = {name: (SAMPLES / name).read_bytes() for name in ("coffee.png", "rocket.jpg")}
    best = {"coffee.png": "espresso", "rocket.jpg": "missile"}
    asked = [*good, *BAD, *good] * 4
    begun = time.monotonic()

    def ask(name: str) -> httpx.Response:
        content = good[name] if name in good else BAD[name][0]
        with httpx.Client(base_url=service.base_url, timeout=30, trust_env=False) as client:
            return predict(client, content)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, asked))
    assert time.monotonic() - begun < 60
    for name, answer in zip(asked, answers, strict=True):
        if name in good:
            assert answer.json()["predictions"][0]["label"] == best[name]
        else:
            assert_refused(answer, *BAD[name][1:])


def test_a_portrait_that_a_phone_has_turned(service: httpx.Client) -> None:
    noted = Image.Exif()
    noted[0x112] = 6
    held = opened().transpose(Image.Transpose.ROTATE_90)
    turned = encoded(held, "JPEG", quality=95, exif=noted.tobytes())
    assert predict(service, turned).json()["predictions"][0]["probability"] > 0.9
