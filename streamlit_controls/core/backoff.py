"""How long to wait before the next try after a crash, and when to stop trying."""

import sys
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Backoff:
    """Exponential back-off: at once after a first crash, then longer and longer.

    A crash is quick when the process lived less than `quick` seconds; `limit` quick crashes in a
    row are the end.
    """

    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0
    quick: float = 30.0
    limit: int = 5

    def unending(self) -> "Backoff":
        """Return the same for what is tried again and again, and soon: nothing goes without it."""
        return replace(self, limit=sys.maxsize, longest=2.0)

    def count(self, crashes: int, lived: float) -> int:
        """Return the crashes in a row, with one more after a life of `lived` seconds."""
        return crashes + 1 if lived < self.quick else 1

    def exhausted(self, crashes: int) -> bool:
        """Tell whether so many crashes in a row are too many."""
        return crashes >= self.limit

    def delay(self, crashes: int, chance: float = 0.5) -> float:
        """Return the seconds to wait after so many crashes in a row.

        `chance`, from 0 to 1, moves them by up to a quarter: what fell together, as when the
        database is away that all apps ask, should not come back, and ask it, in step.
        """
        if crashes <= 1:
            return 0.0
        delay = min(self.first * self.factor ** (crashes - 2), self.longest)
        return float(delay * (0.75 + 0.5 * chance))
