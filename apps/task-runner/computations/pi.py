"""Pi by chance: how many of the darts that hit a square hit the circle in it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from computations.computation import SEED, Computation, Number, Step

MILLION = 1_000_000
BATCH = MILLION
"""Darts thrown at once."""

POINTS = 240
"""Points of the curve: they lie closer where there are few darts, as on a logarithmic axis."""


@dataclass(frozen=True)
class PiEstimate:
    """The estimate, and how it became what it is: numbers of darts and what they gave."""

    darts: int
    hits: int
    history: tuple[tuple[int, float], ...]

    @property
    def estimate(self) -> float:
        return 4 * self.hits / self.darts

    @property
    def error(self) -> float:
        return abs(self.estimate - math.pi)

    @property
    def headline(self) -> str:
        return f"{self.estimate:.6f}"

    @property
    def facts(self) -> dict[str, str]:
        return {"Darts": f"{self.darts:,}", "Off by": f"{self.error:.1e}"}

    def to_json(self) -> dict[str, object]:
        history = [list(each) for each in self.history]
        return {"estimate": self.estimate, "darts": self.darts, "hits": self.hits} | {
            "history": history
        }


def spread(darts: int) -> float:
    """Return how far off an estimate is with so many darts, in one of three cases at most."""
    return math.sqrt(math.pi * (4 - math.pi) / darts)


def throw(millions: int, seed: int) -> Iterator[Step]:
    """Throw darts, few at first and then many at once."""
    total = millions * MILLION
    random = np.random.default_rng(seed)
    marks = np.unique(np.geomspace(100, total, POINTS).astype(int))
    darts = hits = 0
    history: list[tuple[int, float]] = []
    for mark in marks.tolist():
        while darts < mark:
            count = min(BATCH, mark - darts)
            x, y = random.random((2, count), dtype=np.float32)
            hits += int(np.count_nonzero(x * x + y * y < 1))
            darts += count
            if darts < mark:
                yield _step(darts, hits, history, total)
        history.append((darts, 4 * hits / darts))
        yield _step(darts, hits, history, total)


def _step(darts: int, hits: int, history: list[tuple[int, float]], total: int) -> Step:
    value = PiEstimate(darts, hits, tuple(history))
    return Step(darts / total, f"{darts / MILLION:,.0f} of {total / MILLION:,.0f} million", value)


PI = Computation(
    key="pi",
    title="Pi by chance",
    summary="Throws darts at a square. The part of them that hits the circle in it tells π.",
    icon=":material/target:",
    parameters=(
        Number(
            "millions",
            "Millions of darts",
            (10, 100, 500, 1000, 2000, 5000, 10_000),
            2000,
            "{:,} million darts",
            "A hundred times as many darts give one more digit.",
        ),
        SEED,
    ),
    steps=throw,
)
