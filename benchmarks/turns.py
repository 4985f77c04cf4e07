"""Who is measured when: each contender once per round, another one first each time."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def turns(items: Sequence[Item], rounds: int) -> Iterator[tuple[int, Item]]:
    """Return each round's number with each item, the order rotated from round to round."""
    for number in range(rounds):
        first = number % max(1, len(items))
        for item in (*items[first:], *items[:first]):
            yield number, item
