"""The JSON that the media server answers with."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from media_item import MediaItem, TrashedItem
from media_listing import MediaPage, MediaPlace
from media_service import SourceSummary


class Health(BaseModel):
    """`loaded_at` is when the configuration in force was read."""

    status: Literal["ok"] = "ok"
    loaded_at: datetime


class Source(BaseModel):
    name: str
    kind: Literal["folder", "links"]
    count: int
    problem: str | None

    @classmethod
    def of(cls, summary: SourceSummary) -> "Source":
        return cls(
            name=summary.name, kind=summary.kind, count=summary.count, problem=summary.problem
        )


class Sources(BaseModel):
    sources: list[Source]

    @classmethod
    def of(cls, summaries: Iterable[SourceSummary]) -> "Sources":
        return cls(sources=[Source.of(each) for each in summaries])


class Item(BaseModel):
    """A file, or a link with its `url`; `version` changes when the file does."""

    name: str
    kind: Literal["file", "link"]
    content_type: str
    size: int | None
    modified: datetime | None
    version: str | None
    url: str | None
    favourite: bool

    @classmethod
    def of(cls, item: MediaItem) -> "Item":
        return cls(
            name=item.name,
            kind=item.kind,
            content_type=item.content_type,
            size=item.size,
            modified=item.modified,
            version=item.version,
            url=item.url,
            favourite=item.favourite,
        )


class Page(BaseModel):
    items: list[Item]
    total: int
    offset: int

    @classmethod
    def of(cls, page: MediaPage) -> "Page":
        items = [Item.of(item) for item in page.items]
        return cls(items=items, total=page.total, offset=page.offset)


class Place(BaseModel):
    """An item, its position in the listing (0 is the first) and the names beside it."""

    item: Item
    position: int
    total: int
    previous: str | None
    next: str | None

    @classmethod
    def of(cls, place: MediaPlace) -> "Place":
        return cls(
            item=Item.of(place.item),
            position=place.position,
            total=place.total,
            previous=place.previous,
            next=place.next,
        )


class Trashed(BaseModel):
    """A deleted file that can be restored by its `id`."""

    id: str
    name: str
    content_type: str
    size: int
    deleted: datetime

    @classmethod
    def of(cls, item: TrashedItem) -> "Trashed":
        return cls(
            id=item.id,
            name=item.name,
            content_type=item.content_type,
            size=item.size,
            deleted=item.deleted,
        )


class Trash(BaseModel):
    items: list[Trashed]

    @classmethod
    def of(cls, items: Iterable[TrashedItem]) -> "Trash":
        return cls(items=[Trashed.of(each) for each in items])


class Emptied(BaseModel):
    removed: int


class Reason(BaseModel):
    code: str
    message: str
    hint: str = ""


class Failure(BaseModel):
    error: Reason
