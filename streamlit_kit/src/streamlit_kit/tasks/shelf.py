"""What is kept of tasks that have ended: so many for each owner, and for so long."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Shelf(Generic[Item]):
    """Holds ended items and says which have to go. No threads; the time is told to it."""

    def __init__(self, most: int, ttl: float) -> None:
        """`most` items are kept for each owner, each of them for `ttl` seconds."""
        self._most = most
        self._ttl = ttl
        self._until: dict[Item, float] = {}  # in the order in which they were put there
        self._by_owner: dict[Hashable, dict[Item, None]] = {}

    def __len__(self) -> int:
        return len(self._until)

    def put(self, owner: Hashable, item: Item, now: float) -> list[Item]:
        """Add an item; return the owner's oldest ones, which had to make room for it."""
        self._until[item] = now + self._ttl
        own = self._by_owner.setdefault(owner, {})
        own[item] = None
        gone = list(own)[: max(len(own) - self._most, 0)]
        for each in gone:
            self.remove(owner, each)
        return gone

    def remove(self, owner: Hashable, item: Item) -> None:
        """Take an item away; it does nothing if it is not there."""
        if self._until.pop(item, None) is None:
            return
        own = self._by_owner[owner]
        del own[item]
        if not own:
            del self._by_owner[owner]

    def expired(self, now: float) -> list[Item]:
        """Return those whose time is over; they stay until they are removed."""
        found = []
        for item, until in self._until.items():
            if until > now:
                break
            found.append(item)
        return found

    def next_expiry(self) -> float | None:
        """Return when the next one's time is over, None if there is none."""
        return next(iter(self._until.values()), None)
