"""A gallery behind a media server: the page asks it here, the browser loads its pictures."""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx

from explorer.gallery import GalleryError, Item, Listing, Page, Place, Source

# Listing a large folder on a slow disk takes seconds; being refused does not.
TIMEOUT = httpx.Timeout(15, connect=3)
_Answer = TypeVar("_Answer")

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class RemoteGallery:
    """`server_url` is where this process reaches the server, `browser_url` where a browser does."""

    def __init__(
        self,
        server_url: str,
        browser_url: str,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._server_url = server_url
        self._browser_url = browser_url
        # A company proxy in the environment cannot reach this machine's own loopback.
        proxied = urlsplit(server_url).hostname not in _LOOPBACK
        self._client = httpx.Client(timeout=timeout, trust_env=proxied, transport=transport)

    def __enter__(self) -> "RemoteGallery":
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

    def sources(self) -> tuple[Source, ...]:
        return self._ask(_sources, "media_sources")

    def page(self, source: str, listing: Listing, offset: int, limit: int) -> Page:
        wanted = {**listing.parameters(), "offset": str(offset), "limit": str(limit)}
        return self._ask(_page, "media_list", source, parameters=wanted)

    def place(self, source: str, name: str, listing: Listing) -> Place:
        return self._ask(_place, "media_place", source, name, parameters=listing.parameters())

    def thumbnail(self, source: str, item: Item, width: int) -> str | None:
        if item.url is not None or item.content_type == "image/svg+xml":
            return self.full(source, item)
        if item.medium != "image":
            return None
        return self._link("thumbnail", source, item, {"width": str(width)})

    def full(self, source: str, item: Item) -> str | None:
        return item.url or self._link("media", source, item, {})

    def _link(self, route: str, source: str, item: Item, parameters: dict[str, str]) -> str:
        # The version lets the browser keep the picture without asking again.
        query = urlencode(parameters | ({"v": item.version} if item.version else {}))
        return f"{self._browser_url}/{_path(route, source, item.name)}?{query}"

    def _ask(
        self,
        read: Callable[[Any], _Answer],
        *segments: str,
        parameters: dict[str, str] | None = None,
    ) -> _Answer:
        """Get a route's JSON and read it; whatever goes wrong becomes a GalleryError."""
        url = f"{self._server_url}/{_path(*segments)}"
        try:
            answer = self._client.get(url, params=parameters)
            if answer.is_success:
                return read(answer.json())
            reason = answer.json()["error"]
            raise GalleryError(reason["message"], reason["hint"], gone=answer.status_code == 404)
        except httpx.TimeoutException:
            raise GalleryError(
                "The media server does not answer in time.", "It may be busy: try again."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise GalleryError(
                "The media server cannot be reached.", "Is it running? Its log may say why not."
            ) from None
        except (ValueError, KeyError, TypeError):
            raise GalleryError(
                "What answers at the media server's address is not a media server.",
                "Check HOST and PORT in .streamlit/secrets.toml.",
            ) from None


def _path(*segments: str) -> str:
    return "/".join(quote(segment, safe="") for segment in segments)


def _sources(values: Any) -> tuple[Source, ...]:
    return tuple(Source(each["name"], each["count"], each["problem"]) for each in values["sources"])


def _page(values: Any) -> Page:
    return Page(tuple(_item(each) for each in values["items"]), values["total"])


def _place(values: Any) -> Place:
    return Place(
        _item(values["item"]),
        values["position"],
        values["total"],
        values["previous"],
        values["next"],
    )


def _item(values: Any) -> Item:
    modified = values["modified"]
    return Item(
        name=values["name"],
        content_type=values["content_type"],
        size=values["size"],
        modified=None if modified is None else datetime.fromisoformat(modified),
        version=values["version"],
        url=values["url"],
    )
