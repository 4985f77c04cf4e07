"""What a media server's JSON says, as the page's own values."""

from datetime import datetime
from typing import Any

from explorer.gallery import Item, Page, Place, Source, TrashedItem


def nothing(_values: Any) -> None:
    """Read an answer of which only the success matters."""


def sources(values: Any) -> tuple[Source, ...]:
    return tuple(
        Source(each["name"], each["kind"], each["count"], each["problem"])
        for each in values["sources"]
    )


def page(values: Any) -> Page:
    return Page(tuple(_item(each) for each in values["items"]), values["total"])


def place(values: Any) -> Place:
    return Place(
        _item(values["item"]),
        values["position"],
        values["total"],
        values["previous"],
        values["next"],
    )


def trash(values: Any) -> tuple[TrashedItem, ...]:
    return tuple(trashed(each) for each in values["items"])


def trashed(values: Any) -> TrashedItem:
    return TrashedItem(
        values["id"], values["name"], values["size"], datetime.fromisoformat(values["deleted"])
    )


def restored(values: Any) -> str:
    return str(values["name"])


def removed(values: Any) -> int:
    return int(values["removed"])


def _item(values: Any) -> Item:
    modified = values["modified"]
    return Item(
        name=values["name"],
        content_type=values["content_type"],
        size=values["size"],
        modified=None if modified is None else datetime.fromisoformat(modified),
        version=values["version"],
        url=values["url"],
        favourite=values["favourite"],
    )
