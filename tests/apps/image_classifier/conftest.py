"""What the tests of the image classifier share: its modules on the path, its model, a service."""

import contextlib
import io
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from PIL import Image
from starlette.types import ASGIApp

APP = Path(__file__).resolve().parents[3] / "apps" / "image-classifier"
BACKEND = APP / "backend"
SAMPLES = APP / "samples"

# The page and the service are started inside these folders.
sys.path += [str(APP), str(BACKEND)]

from image_classifier import model_file  # noqa: E402
from image_classifier.main import create_app  # noqa: E402
from image_classifier.model import Model  # noqa: E402
from image_classifier.settings import Settings  # noqa: E402

COFFEE = (SAMPLES / "coffee.png").read_bytes()


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model's file."""
    folder = tmp_path_factory.mktemp("model")
    model_file.write(model_file.convert(), folder)
    return folder


@pytest.fixture(scope="session")
def model(model_dir: Path) -> Model:
    return Model.load(Settings(model_dir=model_dir))


@pytest.fixture(scope="module")
def service(model_dir: Path) -> Iterator[httpx.Client]:
    """A client of the service as it is by default; its model is loaded."""
    with serving(create_app(Settings(model_dir=model_dir))) as client:
        assert client.post("/predict", files={"file": COFFEE}).is_success
        yield client


@contextlib.contextmanager
def serving(app: ASGIApp, root_path: str = "") -> Iterator[httpx.Client]:
    """Serve an app by uvicorn in a thread, from its start to its end; give a client of it."""
    how = uvicorn.Config(app, root_path=root_path, log_config=None, lifespan="on")
    server = uvicorn.Server(how)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes = COFFEE, mode: str = "RGB") -> Image.Image:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert(mode)


def predict(client: httpx.Client, content: bytes = COFFEE, **more: Any) -> httpx.Response:
    return client.post("/predict", files={"file": ("cat.jpg", content)}, **more)


def assert_refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message", "hint"}
    assert answer.json()["error"]["message"].endswith(".")
    assert answer.headers["Content-Type"] == "application/json"
