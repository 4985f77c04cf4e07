"""So many start at once as there are places, and whoever is waited for does not wait."""

import asyncio

import pytest

from streamlit_controls.manager import admission, memory
from streamlit_controls.manager.admission import Admission
from tests.support.asynchronous import bounded


async def inside(place: Admission, *replicas: int) -> list[asyncio.Task[None]]:
    """Send some in; return once each has gone as far as it can."""
    tasks = [asyncio.create_task(place.enter(each, urgent=False)) for each in replicas]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


@bounded
async def test_as_many_as_there_are_places() -> None:
    place = Admission(2)
    one, two, three, four = await inside(place, 1, 2, 3, 4)
    assert [each.done() for each in (one, two, three, four)] == [True, True, False, False]
    place.leave(1)
    async with asyncio.timeout(5):
        await asyncio.wait({three, four}, return_when=asyncio.FIRST_COMPLETED)
    assert three.done() != four.done()
    place.leave(2)
    async with asyncio.timeout(5):
        await asyncio.gather(three, four)
    place.leave(3)
    place.leave(4)


@bounded
async def test_who_is_waited_for_does_not_wait() -> None:
    place = Admission(1)
    await inside(place, 1)
    async with asyncio.timeout(5):
        await place.enter(2, urgent=True)
    (third,) = await inside(place, 3)
    place.leave(1)
    await asyncio.sleep(0)
    assert not third.done()
    place.leave(2)
    async with asyncio.timeout(5):
        await third
    place.leave(3)


@bounded
async def test_a_start_that_takes_long_holds_its_place_for_some_time_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "HOLD", 0.01)

    place = Admission(1)
    await inside(place, 1)
    async with asyncio.timeout(5):
        await place.enter(2, urgent=False)


@bounded
async def test_one_by_one_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "RESERVE", 2.0)

    place = Admission(4)
    one, two = await inside(place, 1, 2)
    assert (one.done(), two.done()) == (True, False)
    place.leave(1)
    async with asyncio.timeout(5):
        await two
    place.leave(2)


@bounded
async def test_who_gave_up_waiting_is_not_counted() -> None:
    place = Admission(1)
    _, waiting = await inside(place, 1, 2)
    waiting.cancel()
    place.leave(2)
    place.leave(1)
    async with asyncio.timeout(5):
        await place.enter(3, urgent=False)
    place.leave(3)
