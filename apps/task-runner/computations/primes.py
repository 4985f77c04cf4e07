"""Prime numbers by a sieve in segments, so that any number of them needs little memory."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from computations.computation import Computation, Number, Step

MILLION = 1_000_000
SEGMENT = 4 * MILLION
"""Numbers that are sieved at once, even: half of them, the odd ones, are a byte each."""

LARGEST_GAP = 60
"""Gaps between neighbours that are counted each for itself."""


@dataclass(frozen=True)
class PrimeCount:
    """The primes up to a number: how many, the largest, and how far apart neighbours are.

    `gaps[n]` is how often a prime is followed by one that is larger by n.
    """

    reached: int
    count: int
    largest: int
    gaps: tuple[int, ...]

    @property
    def headline(self) -> str:
        return f"{self.count:,}"

    @property
    def facts(self) -> dict[str, str]:
        return {"Largest": f"{self.largest:,}", "Twins": f"{self.gaps[2]:,}"}

    def to_json(self) -> dict[str, object]:
        return {
            "reached": self.reached,
            "count": self.count,
            "largest": self.largest,
            "gaps": {gap: count for gap, count in enumerate(self.gaps) if count},
        }


def sieve(millions: int) -> Iterator[Step]:
    """Count the primes up to so many millions."""
    limit = millions * MILLION
    small = _small_primes(math.isqrt(limit))
    count, last = 1, 2  # 2 is the only even one
    gaps = np.zeros(LARGEST_GAP + 1, dtype=np.int64)
    for low in range(0, limit, SEGMENT):
        high = min(low + SEGMENT, limit)
        primes = _segment(low, high, small)
        apart = np.diff(primes, prepend=last)
        gaps += np.bincount(apart[apart <= LARGEST_GAP], minlength=LARGEST_GAP + 1)
        count, last = count + len(primes), int(primes[-1])
        value = PrimeCount(high, count, last, tuple(gaps.tolist()))
        yield Step(high / limit, f"{high / MILLION:,.0f} of {millions:,} million", value)


def _segment(low: int, high: int, small: list[int]) -> NDArray[np.int64]:
    """Return the odd primes in a half-open range of even ends."""
    odd = np.ones((high - low) // 2, dtype=bool)  # odd[i] stands for low + 2 i + 1
    if low == 0:
        odd[0] = False
    for prime in small:
        if prime * prime >= high:
            break
        first = max(prime * prime, (low // prime + 1) * prime)
        first += prime * (first % 2 == 0)
        odd[(first - low) // 2 :: prime] = False
    found: NDArray[np.int64] = low + 2 * np.flatnonzero(odd) + 1
    return found


def _small_primes(limit: int) -> list[int]:
    """Return the odd primes up to a number."""
    small = list(range(3, math.isqrt(limit) + 2, 2))
    return [int(prime) for prime in _segment(0, limit + limit % 2 + 2, small)]


PRIMES = Computation(
    key="primes",
    title="Prime numbers",
    summary="Sieves them out of the numbers, and counts how far neighbours are apart.",
    icon=":material/filter_alt:",
    parameters=(
        Number(
            "millions",
            "Up to, in millions",
            (1, 10, 100, 500, 1000, 2000, 5000, 10_000),
            5000,
            "up to {:,} million",
            "Of the numbers up to a thousand million, each twentieth is prime.",
        ),
    ),
    steps=sieve,
)
