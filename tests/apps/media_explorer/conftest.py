"""What the tests of the media explorer share: its modules on the path, folders, a real server."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.apps.media_explorer.server_process import APP as APP
from tests.apps.media_explorer.server_process import SERVER as SERVER
from tests.apps.media_explorer.server_process import RunningServer as RunningServer
from tests.apps.media_explorer.server_process import running_server

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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of all tests that change nothing; `pictures`, `odd`, `missing` and `web`."""
    root = tmp_path_factory.mktemp("served")
    furnish(root)
    (root / "odd").mkdir()
    for name in ODD_NAMES:
        make_picture(root / "odd" / name)
    configuration = (
        'MEDIA_TYPES = ["png", "jpg", "mp4"]\n'
        '[MEDIA_SOURCES.pictures]\nmedia_folder = "../pictures"\n'
        '[MEDIA_SOURCES.odd]\nmedia_folder = "../odd"\n'
        '[MEDIA_SOURCES.missing]\nmedia_folder = "../nowhere"\n'
        '[MEDIA_SOURCES.web]\nmedia_links = ["https://example.org/b.jpg", "https://example.org/a"]\n'
    )
    with running_server(root, configuration) as running:
        yield running
