"""A queue in which nobody waits behind another owner's many items."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class FairQueue(Generic[Item]):
    """Holds items by owner, each owner's in their order. No threads, no clock."""

    def __init__(self) -> None:
        # Dictionaries keep their order and let an item go from the middle. An owner's place says
        # how long ago its last turn was.
        self._items: dict[Hashable, dict[Item, None]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._items.values()))

    def count(self, owner: Hashable) -> int:
        """Return how many items of an owner wait."""
        return len(self._items.get(owner, ()))

    def put(self, owner: Hashable, item: Item) -> None:
        """Add an item behind the others of its owner."""
        self._items.setdefault(owner, {})[item] = None

    def take(self, busy: Callable[[Hashable], int], limit: int | None = None) -> Item | None:
        """Remove and return the next item, None if there is none that may be taken.

        It is of the owner that keeps the fewest workers busy, and of those with as few, the one
        whose turn is longest ago. Owners that keep `limit` workers busy have to wait.
        """
        may = [each for each in self._items if limit is None or busy(each) < limit]
        if not may:
            return None
        owner = min(may, key=busy)
        items = self._items.pop(owner)
        item = next(iter(items))
        del items[item]
        if items:
            self._items[owner] = items
        return item

    def remove(self, owner: Hashable, item: Item) -> None:
        """Take an item out, wherever it stands; KeyError if it is not there."""
        items = self._items[owner]
        del items[item]
        if not items:
            del self._items[owner]
