"""The JSON that the media server answers with; filled from what the media service returns."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from media_item import ItemKind, SourceKind


class Health(BaseModel):
    """`loaded_at` is when the configuration in force was read."""

    status: Literal["ok"] = "ok"
    loaded_at: datetime


class Source(BaseModel):
    """`problem` says why a source shows nothing now."""

    name: str
    kind: SourceKind
    count: int
    problem: str | None


class Sources(BaseModel):
    sources: list[Source]


class Item(BaseModel):
    """A file, or a link with its `url`; `version` changes when the file does."""

    name: str
    kind: ItemKind
    content_type: str
    size: int | None
    modified: datetime | None
    version: str | None
    url: str | None
    favourite: bool


class Page(BaseModel):
    items: list[Item]
    total: int
    offset: int


class Place(BaseModel):
    """An item, its position in the listing (0 is the first) and the names beside it."""

    item: Item
    position: int
    total: int
    previous: str | None
    next: str | None


class Trashed(BaseModel):
    """A deleted file that can be restored by its `id`."""

    id: str
    name: str
    content_type: str
    size: int
    deleted: datetime


class Trash(BaseModel):
    items: list[Trashed]


class Emptied(BaseModel):
    removed: int


class Reason(BaseModel):
    """A code for programs, a message and a hint for people."""

    code: str
    message: str
    hint: str = ""


class Failure(BaseModel):
    error: Reason
