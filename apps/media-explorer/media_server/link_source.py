"""A source of links: shown by the browser, never fetched from here, and not to be deleted."""

from urllib.parse import unquote, urlsplit

from media_config import MAX_NAME_LENGTH
from media_error import (
    LinkNotDeletableError,
    LinkNotFetchedError,
    UnknownFileError,
    UnknownTrashError,
)
from media_item import MediaItem, OpenedMedia, SourceKind, TrashedItem
from media_listing import matches
from media_type import content_type

_ROOM = len(" (999999)")


class LinkSource:
    """Links that the operator listed, in the order of the configuration.

    MEDIA_TYPES says nothing about them (a link need not have a suffix); the filter does.
    """

    kind: SourceKind = "links"

    def __init__(self, name: str, links: tuple[str, ...], filter_: str) -> None:
        self.name = name
        named = zip(_link_names(links), links, strict=True)
        self._items = {
            name: MediaItem(name, "link", content_type(name), url=link)
            for name, link in named
            if matches(name, filter_)
        }

    def items(self) -> list[MediaItem]:
        return list(self._items.values())

    def count(self) -> int:
        return len(self._items)

    def find(self, name: str) -> MediaItem:
        if name not in self._items:
            raise UnknownFileError(f"The source {self.name!r} shows no file called {name!r}.")
        return self._items[name]

    def open(self, name: str) -> OpenedMedia:
        raise LinkNotFetchedError(
            f"{self.find(name).name!r} is a link, and links are not fetched from here.",
            "Open the item's own url.",
        )

    def delete(self, name: str) -> TrashedItem:
        raise LinkNotDeletableError(
            f"{self.find(name).name!r} is a link of the configuration, not a file.",
            f"Take it out of the media_links of {self.name!r}.",
        )

    def trash(self) -> tuple[TrashedItem, ...]:
        return ()

    def restore(self, trash_id: str) -> MediaItem:  # noqa: ARG002  (as folders have it)
        raise UnknownTrashError(f"{self.name!r} has links, and links have no trash.")

    def empty_trash(self) -> tuple[TrashedItem, ...]:
        return ()


def _link_names(links: tuple[str, ...]) -> list[str]:
    """A link's last path segment, else its host; numbered where two have the same."""
    names: dict[str, None] = {}
    for link in links:
        parts = urlsplit(link)
        last = unquote(parts.path.rstrip("/").rpartition("/")[2])
        last = "".join(c if c.isprintable() and c not in "/\\" else "_" for c in last)
        wanted = last if last.strip(".") else parts.hostname or link
        name = wanted = wanted[: MAX_NAME_LENGTH - _ROOM]
        number = 1
        while name in names:
            number += 1
            name = f"{wanted} ({number})"
        names[name] = None
    return list(names)
