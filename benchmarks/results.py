"""What has been measured so far."""

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.row import Row
from benchmarks.statistics import Summary

BASE = "plain"
OURS = "controller"


@dataclass
class Results:
    """Figures by row and contender, and the reasons why some are missing."""

    changed: Callable[[], None] = lambda: None
    values: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, row: str, contender: str, value: float) -> None:
        """Note one measurement."""
        self.values.setdefault((row, contender), []).append(value)
        self.changed()

    def miss(self, row: str, contender: str, reason: str) -> None:
        """Note why this contender has no figure."""
        self.reasons[row, contender] = reason
        self.changed()

    def summary(self, row: Row, contender: str) -> Summary | None:
        """Sum up a row of a contender; none where nothing was measured."""
        values = self.values.get((row.key, contender))
        return Summary.of(values) if values else None

    def ratio(self, row: Row, contender: str) -> float | None:
        """Return a contender's figure as a multiple of plain `streamlit run`'s."""
        own, plain = self.summary(row, contender), self.summary(row, BASE)
        return own.ratio_to(plain) if own and plain else None

    def met(self, row: Row) -> bool | None:
        """Tell whether the product keeps the row's promise; none where there is nothing to tell."""
        own = self.summary(row, OURS)
        if row.target is None or own is None:
            return None
        return row.target.met(own.median, self.ratio(row, OURS))
