"""The media explorer as what the checks look at."""

import contextlib
from pathlib import Path

import httpx
from explorer.embedded_server import EmbeddedServer
from explorer.gallery import GalleryError, Item, Listing
from explorer.remote_gallery import RemoteGallery
from media_error import MediaError
from media_listing import MediaQuery
from media_server import load_app
from media_service import MediaService

from tests.apps.media_explorer.mistakes.subject import Subject

SERVER = "http://127.0.0.1:1"


class OurService:
    """Loaded anew for each question, so that it is known what that depends on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self, source: str, keyword: str = "") -> list[str]:
        query = MediaQuery(keyword, sort_by_date_flag=False, ascending=True)
        listed = MediaService.load(self._folder).list_media(source, query)
        return [item.name for item in listed.items]

    def read(self, source: str, name: str) -> bytes | None:
        try:
            media = MediaService.load(self._folder).open(source, name)
        except MediaError:
            return None
        with media.stream as stream:
            return stream.read()


class OurGallery:
    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._gallery = RemoteGallery(SERVER, SERVER, transport=transport)

    def ask(self, source: str, name: str) -> None:
        with contextlib.suppress(GalleryError):
            self._gallery.place(source, name, Listing())

    def picture_url(self, source: str, name: str) -> str:
        item = Item(name, "image/png", 1, None, None, None)
        return str(self._gallery.full(source, item))


class OurPages:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def gallery(self, transport: httpx.BaseTransport) -> OurGallery:
        return OurGallery(transport)

    def embedded(self, port: int) -> EmbeddedServer:
        return EmbeddedServer.of_this_process("127.0.0.1", port, self._folder)

    def stop(self) -> None:
        EmbeddedServer.stop_that_of_this_process()


def ours(root: Path, folder: Path) -> Subject:
    return Subject(root, OurService(folder), load_app(folder), OurPages(folder))
