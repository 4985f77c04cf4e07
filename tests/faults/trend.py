"""How the size of something goes in the course of time."""

from dataclasses import dataclass, field
from statistics import fmean, linear_regression

MEGABYTE = 1_000_000


@dataclass
class Trend:
    """Sizes in bytes at moments in seconds, and the straight line that is nearest to them."""

    moments: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)

    def add(self, moment: float, size: float) -> None:
        """Take one look."""
        self.moments.append(moment)
        self.sizes.append(size)

    @property
    def seconds(self) -> float:
        """How long it was looked at."""
        return self.moments[-1] - self.moments[0] if self.moments else 0.0

    @property
    def mean(self) -> float:
        """The mean size."""
        return fmean(self.sizes) if self.sizes else 0.0

    @property
    def growth(self) -> float:
        """By how many bytes it grew from the first look to the last, by that line."""
        if len(self.sizes) < 2:
            return 0.0
        return linear_regression(self.moments, self.sizes).slope * self.seconds

    def __str__(self) -> str:
        per_minute = self.growth / self.seconds * 60 if self.seconds else 0.0
        return (
            f"{self.mean / MEGABYTE:.1f} MB, {per_minute / MEGABYTE:+.2f} MB a minute"
            f" over {self.seconds:.0f} s"
        )
