"""A short tour through many cities, found by letting a bad one cool down."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from computations.computation import SEED, Computation, Number, Step

City = tuple[float, float]

FEWEST_LOOKS, MOST_TRIES = 100, 20_000
"""How often the tour is looked at at least, and after how many tries at the latest."""

HOTTEST, COLDEST = 0.5, 0.002
"""Temperatures, in mean distances between neighbours of a good tour."""


@dataclass(frozen=True)
class Tour:
    """Cities in a square of side 1, and the order in which they are visited."""

    cities: tuple[City, ...]
    order: tuple[int, ...]
    lengths: tuple[float, ...]
    """How long the tour was at each look."""

    @property
    def length(self) -> float:
        return self.lengths[-1]

    @property
    def path(self) -> list[City]:
        """Return the cities in their order, the first one once more at the end."""
        return [self.cities[each] for each in (*self.order, self.order[0])]

    @property
    def headline(self) -> str:
        return f"{self.length:.3f}"

    @property
    def facts(self) -> dict[str, str]:
        return {
            "Cities": f"{len(self.cities)}",
            "Shorter by": f"{1 - self.length / self.lengths[0]:.0%}",
        }

    def to_json(self) -> dict[str, object]:
        return {
            "length": self.length,
            "first_length": self.lengths[0],
            "cities": [list(each) for each in self.cities],
            "order": list(self.order),
        }

    def to_svg(self) -> bytes:
        """Return a picture that looks well on white and on black."""
        points = [(10 + 380 * x, 10 + 380 * y) for x, y in self.path]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points[:-1])
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400" >'
            f'<polyline points="{line}" fill="none" stroke="#ea580c" stroke-width="2"'
            f' stroke-linejoin="round"/><g fill="#78716c">{dots}</g></svg>'
        ).encode()


def anneal(cities: int, rounds: int, seed: int) -> Iterator[Step]:
    """Try to turn parts of the tour around, and keep what is shorter, or not much longer.

    How much longer falls with the temperature. `rounds` are thousands of tries.
    """
    random = Random(seed)  # noqa: S311
    places = tuple((random.random(), random.random()) for _ in range(cities))
    apart = [[math.dist(one, other) for other in places] for one in places]
    order = list(range(cities))
    length = sum(apart[order[place - 1]][order[place]] for place in range(cities))
    lengths, neighbours = [length], math.sqrt(1 / cities)
    looks = max(FEWEST_LOOKS, rounds * 1000 // MOST_TRIES)
    tries = rounds * 1000 // looks
    for look in range(looks):
        warmth = neighbours * HOTTEST * (COLDEST / HOTTEST) ** (look / (looks - 1))
        for _ in range(tries):
            first, last = sorted((random.randrange(cities), random.randrange(cities)))
            before, one = order[first - 1], order[first]
            other, after = order[last], order[(last + 1) % cities]
            if before == other:  # all of it: turned around it is the same tour
                continue
            longer = (
                apart[before][other] + apart[one][after] - apart[before][one] - apart[other][after]
            )
            if longer < 0 or random.random() < math.exp(-longer / warmth):
                order[first : last + 1] = order[last : first - 1 if first else None : -1]
                length += longer
        lengths.append(length)
        value = Tour(places, tuple(order), tuple(lengths))
        yield Step((look + 1) / looks, f"Temperature {100 * warmth / neighbours:.1f}", value)


TOUR = Computation(
    key="tour",
    title="Short tour",
    summary="Visits many cities on a short way, found by simulated annealing.",
    icon=":material/route:",
    parameters=(
        Number("cities", "Cities", (10, 25, 50, 100, 150, 200, 300, 400), 150, "{} cities"),
        Number(
            "rounds",
            "Thousands of tries",
            (100, 500, 1000, 2000, 5000, 10_000, 20_000),
            5000,
            "{:,} thousand tries",
            "The slower it cools down, the shorter the tour.",
        ),
        SEED,
    ),
    steps=anneal,
)
