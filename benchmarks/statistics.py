"""What many measurements of one thing say together."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    """The median of measurements, and how far they lie apart."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Summary":
        """Sum up at least one value."""
        return cls(statistics.median(values), min(values), max(values), len(values))

    def ratio_to(self, other: "Summary") -> float | None:
        """Return how many times the other median this one is; none where that one is nothing."""
        return self.median / other.median if other.median else None
