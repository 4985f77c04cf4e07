"""A gallery behind the media server that runs in the page's own process."""

from functools import partial
from typing import Self

from explorer.embedded_server import EmbeddedServer
from explorer.remote_gallery import RemoteGallery
from explorer.server_token import local_token


class EmbeddedGallery(RemoteGallery):
    """Recycling it starts a new server, where another's can only be told to read anew."""

    def __init__(self, server: EmbeddedServer) -> None:
        super().__init__(server.url, server.url, token=partial(local_token, server.folder))
        self._server = server

    def for_page(self, page_url: str | None) -> Self:
        """The same for a browser that has opened the page at an address."""
        return self.seen_from(self._server.url_for(page_url))

    def recycle(self) -> None:
        self._server.recycle()
