"""Which items of a source are wanted, and in which order."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

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
    if query.sort_flag:
        # Two stable passes: what has the same date (or none, as links) stays in the names' order.
        wanted.sort(key=_name_key, reverse=not (query.ascending or query.sort_by_date_flag))
        if query.sort_by_date_flag:
            wanted.sort(key=lambda item: item.modified_ns or 0, reverse=not query.ascending)
    return wanted


def matches(name: str, keyword: str) -> bool:
    """Whether a keyword is part of a name, whatever the case; an empty one is part of each."""
    return _folded(keyword) in _folded(name)


def _is_wanted(item: MediaItem, query: MediaQuery) -> bool:
    return (item.favourite or not query.favourites_flag) and matches(item.name, query.filter_string)


def _folded(text: str) -> str:
    # The same letter has two spellings in Unicode, and file systems give either.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _name_key(item: MediaItem) -> tuple[list[tuple[int, int, str]], str]:
    """As people count: img2 before img10. The name itself decides between equals."""
    pieces = _NUMBER.split(_folded(item.name))
    return [_piece_key(piece, index % 2 == 1) for index, piece in enumerate(pieces)], item.name


def _piece_key(piece: str, is_number: bool) -> tuple[int, int, str]:
    if not is_number:
        return (1, 0, piece)
    digits = piece.lstrip("0")  # compared as text: int() refuses thousands of digits
    return (0, len(digits), digits)
