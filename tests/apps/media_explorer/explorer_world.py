"""Pictures, a configuration, and the whole explorer that shows them in one of its modes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.apps.media_explorer.running_page import RunningPage, copy_of_app, running
from tests.journeys.project import SampleProject

COLOURS = ("red", "orange", "gold", "green", "teal", "blue", "purple", "brown")
"""The pictures of the album, oldest first."""

PORTRAIT = "gold"
"""The colour of the only picture that is higher than wide."""

CONFIG = """
MEDIA_TYPES = ["png"]
[MEDIA_SOURCES.album]
media_folder = '{album}'
[MEDIA_SOURCES.web]
media_links = ["https://pictures.example.org/far%20away.png?of=1", "https://pictures.example.org/b.png"]
"""

MODES = ("service_object", "embedded_server", "controller")


@dataclass
class World:
    """An explorer at `url`; `config` is its media_service.toml, `album` the folder of pictures."""

    mode: str
    url: str
    album: Path
    config: Path
    page: RunningPage | None = None
    project: SampleProject | None = None

    def configure(self, *, more: str = "") -> None:
        self.config.write_text(CONFIG.format(album=self.album) + more, encoding="utf-8")


@contextmanager
def world(mode: str, root: Path) -> Iterator[World]:
    """An explorer in a mode, running; under the controller with the media server beside it."""
    album = root / "album"
    album.mkdir()
    fill(album)
    if mode == "controller":
        yield from _supervised(root, album)
        return
    page = copy_of_app(root, secrets=f'MODE = "{mode}"\nPORT = 0\n')
    made = World(mode, page.url, album, page.config, page=page)
    made.configure()
    with running(page):
        yield made


def fill(album: Path) -> None:
    """Draw the pictures, a minute apart."""
    for age, colour in enumerate(reversed(COLOURS)):
        path = album / f"{colour}.png"
        Image.new("RGB", (300, 450) if colour == PORTRAIT else (480, 320), colour).save(path)
        os.utime(path, (1_700_000_000 - 60 * age, 1_700_000_000 - 60 * age))


def _supervised(root: Path, album: Path) -> Iterator[World]:
    project = SampleProject.make(root / "project")
    folder = project.add_bundled("media-explorer")
    own = f"{{ DATA_DIR = '{root / 'data'}', CACHE_DIR = '{root / 'cache'}' }}"
    manifest = folder / "app.toml"
    text = manifest.read_text(encoding="utf-8").replace("[services", f"env = {own}\n[services")
    manifest.write_text(f"{text}env = {own}\n", encoding="utf-8")
    config = folder / "media_server" / "media_service.toml"
    made = World("controller", f"{project.url}media-explorer", album, config, project=project)
    made.configure()
    try:
        project.run("start")
        yield made
    finally:
        project.end()
