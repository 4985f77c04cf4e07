"""Which items of a source are wanted, and in which order."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from media_item import MediaItem

_NUMBER = re.compile("([0-9]+)")


@dataclass(frozen=True)
class MediaQuery:
    """What to list: a keyword (empty: everything) and an order; by default the newest first."""

    filter_string: str = ""
    sort_flag: bool = True
    sort_by_date_flag: bool = True
    ascending: bool = False
    favourites_flag: bool = False


@dataclass(frozen=True)
class MediaPage:
    """A part of a listing: what starts at `offset`, of `total`."""

    items: tuple[MediaItem, ...]
    total: int
    offset: int


@dataclass(frozen=True)
class MediaPlace:
    """Where an item stands in a listing (position 0 is the first), with its neighbours."""

    item: MediaItem
    position: int
    total: int
    previous: str | None
    next: str | None


def arrange(items: Iterable[MediaItem], query: MediaQuery) -> list[MediaItem]:
    """The items that match, in order. Unsorted means the order in which the source gives them."""
    wanted = [item for item in items if _is_wanted(item, query)]
    if not query.sort_flag:
        return wanted
    if query.sort_by_date_flag:
        return _by_date(wanted, query.ascending)
    return sorted(wanted, key=_name_key, reverse=not query.ascending)


def matches(name: str, keyword: str) -> bool:
    """Whether a keyword is part of a name, whatever the case; an empty one is part of each."""
    return not keyword or _folded(keyword) in _folded(name)


def _is_wanted(item: MediaItem, query: MediaQuery) -> bool:
    if query.favourites_flag and not item.favourite:
        return False
    return matches(item.name, query.filter_string)


def _by_date(items: list[MediaItem], ascending: bool) -> list[MediaItem]:
    """By date; what has the same one (or none, as links) from A to Z either way.

    Names are compared within a date only: of thousands of files few have the same one.
    """
    items.sort(key=_date, reverse=not ascending)
    if len({_date(item) for item in items}) == len(items):
        return items
    runs = (list(run) for _, run in groupby(items, key=_date))
    return [item for run in runs for item in (sorted(run, key=_name_key) if run[1:] else run)]


def _date(item: MediaItem) -> int:
    return item.modified_ns or 0


def _name_key(item: MediaItem) -> tuple[list[str | int], str]:
    """As people count: img2 before img10. The name itself decides between equals.

    Text and numbers take turns in the key, so the like always meet the like.
    """
    text, *others = _NUMBER.split(_folded(item.name))
    key: list[str | int] = [text]
    for number, text in zip(others[::2], others[1::2], strict=True):
        digits = number.lstrip("0")  # compared as text: int() refuses thousands of digits
        key += (len(digits), digits, text)
    return key, item.name


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    # The same letter has two spellings in Unicode, and file systems give either.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
