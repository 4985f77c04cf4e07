"""What the tests of the media explorer share: its modules on the path, folders, a real server."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from PIL import Image

APP = Path(__file__).resolve().parents[3] / "apps" / "media-explorer"
SERVER = APP / "media_server"

# Neither folder is a package: the page and the server are started inside them.
sys.path += [str(APP), str(SERVER)]

SECRET = b"the secret of this machine"
ODD_NAMES = (
    "a b.png",
    "c#d.png",
    "e?f.png",
    "g%2Fh.png",
    "Ünïcode 猫.png",
    "q&a=1+1.png",
    "'\"<b>.png",
)


def make_picture(path: Path, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Path:
    Image.new(mode, size).save(path)
    return path


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds what another one, or a person, marked as a favourite."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of media with all sorts of bait in it, and secrets around it."""
    return furnish(tmp_path)


def furnish(root: Path) -> Path:
    (root / "secret.txt").write_bytes(SECRET)
    (root / "secret.png").write_bytes(SECRET)
    folder = root / "pictures"
    folder.mkdir()
    make_picture(folder / "one.png")
    make_picture(folder / "TWO.JPG")
    (folder / "film.mp4").write_bytes(bytes(range(256)) * 40)
    (folder / "notes.txt").write_bytes(SECRET)
    (folder / "jpgnotes.txt").write_bytes(SECRET)
    (folder / "png").write_bytes(SECRET)
    make_picture(folder / ".hidden.png")
    (folder / "folder.png").mkdir()
    (folder / "folder.png" / "inner.png").write_bytes(SECRET)
    (folder / "out.png").symlink_to(root / "secret.png")
    (folder / "disguised.png").symlink_to("notes.txt")
    (folder / "same.png").symlink_to("one.png")
    (folder / "loop.png").symlink_to("loop.png")
    (folder / "dangling.png").symlink_to("nothing.png")
    os.mkfifo(folder / "pipe.png")
    return folder


VISIBLE = {"one.png", "TWO.JPG", "film.mp4", "same.png"}


@dataclass(frozen=True)
class RunningServer:
    """A media server in a process of its own."""

    port: int
    root: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """uvicorn with a copy of the media server; sources `pictures`, `odd`, `missing` and `web`."""
    root = tmp_path_factory.mktemp("served")
    furnish(root)
    (root / "odd").mkdir()
    for name in ODD_NAMES:
        make_picture(root / "odd" / name)
    copy = root / "media_server"
    shutil.copytree(SERVER, copy, ignore=shutil.ignore_patterns("__pycache__", "*.toml"))
    (copy / "media_service.toml").write_text(
        'MEDIA_TYPES = ["png", "jpg", "mp4"]\n'
        '[MEDIA_SOURCES.pictures]\nmedia_folder = "../pictures"\n'
        '[MEDIA_SOURCES.odd]\nmedia_folder = "../odd"\n'
        '[MEDIA_SOURCES.missing]\nmedia_folder = "../nowhere"\n'
        '[MEDIA_SOURCES.web]\nmedia_links = ["https://example.org/b.jpg", "https://example.org/a"]\n',
        encoding="utf-8",
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "media_server:app", "--fd", str(listening.fileno())],
            cwd=copy,
            env=os.environ
            | {
                "CACHE_DIR": str(root / "cache"),
                "DATA_DIR": str(root / "data"),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            pass_fds=[listening.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running = RunningServer(listening.getsockname()[1], root)
    try:
        # The socket listens already: the first answer comes when the server is ready.
        assert httpx.get(f"{running.url}/health", timeout=30, trust_env=False).is_success
        yield running
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=15)
