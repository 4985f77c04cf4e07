"""The computations: what they find, that they repeat themselves, and that they can be stopped."""

import io
import itertools
import json
import logging
import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from computations.catalogue import COMPUTATIONS
from computations.computation import Argument, Choice, Computation, Number, Step, Value
from computations.fractal import PLACES, FractalImage, draw
from computations.pi import PiEstimate, spread, throw
from computations.primes import SEGMENT, PrimeCount, sieve
from computations.tour import Tour, anneal
from computations.work import work
from PIL import Image

from tests.apps.task_runner.conftest import LARGE, SMALL

ALL = pytest.mark.parametrize("key", COMPUTATIONS)


def small(key: str, **more: Argument) -> list[Step]:
    return list(COMPUTATIONS[key].steps(**{**SMALL[key], **more}))


def last(steps: list[Step]) -> Any:
    return steps[-1].value


@ALL
def test_steps_lead_from_nothing_to_all(key: str) -> None:
    steps = small(key)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] <= fractions[-1] == pytest.approx(1)
    assert fractions[-1] <= 1
    assert all(step.text for step in steps)


@ALL
def test_what_was_found_is_never_changed_and_fits_into_json(key: str) -> None:
    steps = COMPUTATIONS[key].steps(**SMALL[key])
    first = next(steps).value
    before = json.dumps(first.to_json())
    found = [first, *(step.value for step in steps)]
    assert json.dumps(first.to_json()) == before
    if isinstance(first, FractalImage):
        assert first.pixels is not last(small(key)).pixels
    assert all(value.headline and value.facts for value in found)


@ALL
def test_it_repeats_itself(key: str) -> None:
    one, other = small(key), small(key)
    assert [step.fraction for step in one] == [step.fraction for step in other]
    assert last(one).to_json() == last(other).to_json()
    if key == "fractal":
        assert np.array_equal(last(one).pixels, last(other).pixels)


@pytest.mark.parametrize("key", ["pi", "tour"])
def test_another_seed_is_another_chance(key: str) -> None:
    assert last(small(key)).to_json() != last(small(key, seed=2)).to_json()


@ALL
def test_arguments(key: str) -> None:
    computation = COMPUTATIONS[key]
    defaults = computation.checked({})
    assert set(defaults) == set(SMALL[key]) == set(LARGE[key])
    assert computation.checked(SMALL[key]) == SMALL[key]
    for parameter in computation.parameters:
        assert parameter.accepts(parameter.default)
        assert parameter.said(parameter.default)
        bad: list[Argument] = ["nowhere", -1, 10**9, True]
        if isinstance(parameter, Number):
            assert parameter.default in parameter.marks
            assert list(parameter.marks) == sorted(parameter.marks)
            bad += [parameter.low - 1, parameter.high + 1]
        for value in bad:
            with pytest.raises(ValueError, match=parameter.name):
                computation.checked({parameter.name: value})
    with pytest.raises(ValueError, match="colour"):
        computation.checked({"colour": "red"})


@ALL
def test_no_step_of_the_largest_takes_long(key: str) -> None:
    """So it can be stopped soon. By the processor's time: others may have it meanwhile."""
    steps = COMPUTATIONS[key].steps(**LARGE[key])
    taken = []
    for _ in range(4):
        begun = time.thread_time()
        assert next(steps).fraction < 1
        taken.append(time.thread_time() - begun)
    assert max(taken) < 1


@pytest.mark.parametrize(
    ("millions", "count", "largest"),
    [(1, 78_498, 999_983), (10, 664_579, 9_999_991), (50, 3_001_134, 49_999_991)],
)
def test_primes(millions: int, count: int, largest: int) -> None:
    found = last(list(sieve(millions)))
    assert isinstance(found, PrimeCount)
    assert (found.reached, found.count, found.largest) == (millions * 10**6, count, largest)


def test_gaps_between_primes_are_those_of_a_plain_sieve() -> None:
    limit = 5 * 10**6  # more than one segment
    assert limit > SEGMENT
    plain = np.ones(limit, dtype=bool)
    plain[:2] = False
    for number in range(2, math.isqrt(limit) + 1):
        if plain[number]:
            plain[number * number :: number] = False
    primes = np.flatnonzero(plain)
    gaps = np.bincount(np.diff(primes))
    found = last(list(sieve(5)))
    assert (found.count, found.largest) == (len(primes), primes[-1])
    assert found.gaps == tuple(gaps[:61])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pi_is_as_near_as_chance_allows(seed: int) -> None:
    steps = list(throw(10, seed))
    found = last(steps)
    assert isinstance(found, PiEstimate)
    assert found.darts == 10**7
    assert found.error < 4 * spread(found.darts)
    darts = [number for number, _ in found.history]
    assert darts == sorted(set(darts))
    assert darts[0] == 100
    assert found.history[-1] == (found.darts, found.estimate)


@pytest.mark.parametrize("place", PLACES)
def test_a_picture_gets_finer(place: str) -> None:
    steps = list(draw(place, 161, 500))
    pictures: list[Any] = [step.value for step in steps]
    strides = [picture.stride for picture in pictures]
    assert strides == sorted(strides, reverse=True)
    first, found = pictures[0], pictures[-1]
    assert found.smooth
    assert found.pixels.shape == (100, 161, 3)
    assert len(np.unique(first.pixels[:16, :16].reshape(-1, 3), axis=0)) == 1
    assert len(np.unique(found.pixels.reshape(-1, 3), axis=0)) > 200
    with Image.open(io.BytesIO(found.to_png())) as picture:
        assert (picture.format, picture.size) == ("PNG", (161, 100))


def test_the_inside_of_the_set_is_black() -> None:
    pixels = last(list(draw("Whole set", 160, 100))).pixels
    assert not pixels[50, 80].any()
    assert pixels[2, 2].any()


def test_a_tour_visits_all_cities_and_gets_short() -> None:
    steps = list(anneal(50, 200, 1))
    found = last(steps)
    assert isinstance(found, Tour)
    assert sorted(found.order) == list(range(50))
    length = sum(math.dist(*pair) for pair in itertools.pairwise(found.path))
    assert found.length == pytest.approx(length)
    assert found.length < found.lengths[0] / 2
    assert found.to_svg().count(b"<circle") == 50


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_few_cities_the_shortest_tour_is_found(seed: int) -> None:
    found = last(list(anneal(10, 100, seed)))
    assert found.length == pytest.approx(shortest(found.cities))


def shortest(cities: Sequence[tuple[float, float]]) -> float:
    """Return the length of the shortest tour, by looking at all of them (Held and Karp's way)."""
    apart = [[math.dist(one, other) for other in cities] for one in cities]
    others = range(1, len(cities))
    best = {(frozenset([city]), city): apart[0][city] for city in others}
    for size in range(2, len(cities)):
        for visited in map(frozenset, itertools.combinations(others, size)):
            for city in visited:
                best[visited, city] = min(
                    best[visited - {city}, before] + apart[before][city]
                    for before in visited - {city}
                )
    return min(best[frozenset(others), city] + apart[city][0] for city in others)


class Recorder:
    """A task's context that is cancelled after so many steps."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.values: list[Value] = []
        self.fractions: list[float] = []

    @property
    def cancelled(self) -> bool:
        return len(self.values) >= self.most

    def publish(self, value: object) -> None:
        self.values.append(value)  # type: ignore[arg-type]

    def progress(self, fraction: float, text: str = "") -> None:
        assert text
        self.fractions.append(fraction)


@ALL
def test_work_publishes_every_step(key: str, caplog: pytest.LogCaptureFixture) -> None:
    context = Recorder(10**9)
    with caplog.at_level(logging.INFO, "computations"):
        found = work(context, COMPUTATIONS[key], SMALL[key])
    assert found is context.values[-1]
    assert context.fractions[-1] == pytest.approx(1)
    assert [message.split(" ")[0] for message in caplog.messages] == [key, key]
    assert "is done after" in caplog.messages[-1]


@ALL
def test_work_stops_when_it_is_cancelled(key: str, caplog: pytest.LogCaptureFixture) -> None:
    context = Recorder(3)
    with caplog.at_level(logging.INFO, "computations"):
        found = work(context, COMPUTATIONS[key], LARGE[key])
    assert len(context.values) == 3
    assert found is context.values[-1]
    assert "was cancelled after" in caplog.messages[-1]


def test_the_catalogue_is_fit_for_forms() -> None:
    for key, computation in COMPUTATIONS.items():
        assert isinstance(computation, Computation)
        assert computation.key == key
        assert computation.icon.startswith(":material/")
        for parameter in computation.parameters:
            if isinstance(parameter, Choice):
                assert parameter.default in parameter.options
