"""A gallery behind a media server: the page asks it here, the browser loads its pictures."""

from collections.abc import Callable, Mapping
from copy import copy
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import httpx

from explorer import server_answer as read
from explorer.gallery import Item, Listing, Page, Place, Source, TrashedItem
from explorer.media_client import TIMEOUT, MediaClient, path_of


class RemoteGallery:
    """`server_url` is where this process reaches the server, `browser_url` where a browser does."""

    is_inline = False

    def __init__(
        self,
        server_url: str,
        browser_url: str,
        *,
        token: Callable[[], str] = str,
        timeout: httpx.Timeout = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._browser_url = browser_url
        self._client = MediaClient(server_url, token, timeout=timeout, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def seen_from(self, browser_url: str) -> Self:
        """The same gallery for browsers that reach the server at another address."""
        other = copy(self)
        other._browser_url = browser_url
        return other

    def sources(self) -> tuple[Source, ...]:
        return self._client.get(read.sources, "media_sources")

    def page(self, source: str, listing: Listing, offset: int, limit: int) -> Page:
        wanted = {**listing.parameters(), "offset": str(offset), "limit": str(limit)}
        return self._client.get(read.page, "media_list", source, parameters=wanted)

    def place(self, source: str, name: str, listing: Listing) -> Place:
        return self._client.get(
            read.place, "media_place", source, name, parameters=listing.parameters()
        )

    def thumbnail(self, source: str, item: Item, width: int) -> str | None:
        if item.url is not None or item.content_type == "image/svg+xml":
            return self.full(source, item)
        if item.medium != "image":
            return None
        return self._link("thumbnail", source, item, {"width": str(width)})

    def full(self, source: str, item: Item) -> str | None:
        return item.url or self._link("media", source, item, {})

    def favourite(self, source: str, name: str) -> None:
        self._client.authorised("POST", read.nothing, "favourite", source, name)

    def unfavourite(self, source: str, name: str) -> None:
        self._client.authorised("DELETE", read.nothing, "favourite", source, name)

    def delete(self, source: str, name: str) -> TrashedItem:
        return self._client.authorised("DELETE", read.trashed, "media", source, name)

    def trash(self, source: str) -> tuple[TrashedItem, ...]:
        return self._client.authorised("GET", read.trash, "trash", source)

    def restore(self, source: str, trash_id: str) -> str:
        return self._client.authorised("POST", read.restored, "trash", source, trash_id)

    def empty_trash(self, source: str) -> int:
        return self._client.authorised("DELETE", read.removed, "trash", source)

    def recycle(self) -> None:
        self._client.authorised("POST", read.nothing, "reload")

    def _link(self, route: str, source: str, item: Item, parameters: Mapping[str, str]) -> str:
        # The version lets the browser keep the picture without asking again.
        query = urlencode({**parameters, **({"v": item.version} if item.version else {})})
        return f"{self._browser_url}/{path_of(route, source, item.name)}?{query}"
