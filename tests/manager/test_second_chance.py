"""What has failed is tried anew once it was edited: histories with a clock that the test sets."""

from dataclasses import replace
from pathlib import Path

import pytest

from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.manager.second_chance import PAUSE, SecondChance
from tests.support.asynchronous import bounded
from tests.support.samples import replica, snapshot, unit


class History:
    """An app's folder, and what becomes of the app."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.now = 1000.0
        self.writes = 0
        self.number = 1
        page = replace(unit(), dir=folder)
        self.units = {"hello": page, "@site": replace(unit("@site"), dir=folder, app=None)}
        self.chance = SecondChance(lambda: self.units, lambda: self.now)

    def write(self, name: str = "app.py") -> None:
        self.writes += 1
        (self.folder / name).write_text("x" * self.writes)

    async def see(self, *states: State, restarts: int = 0) -> list[str]:
        """Have the app in one state after the other; return what is to be tried anew then."""
        for state in states:
            await self.chance.note(self.at(state, restarts=restarts))
        return await self.chance.edited(self.at(states[-1], restarts=restarts))

    async def fails_anew(self) -> list[str]:
        self.number += 1
        return await self.see(State.BUILDING, State.STARTING, State.FAILED)

    def at(self, state: State, *, restarts: int = 0, beside: State | None = None) -> Snapshot:
        mine = replica(state, number=self.number, restarts=restarts)
        more = [replica(beside, number=99, generation=0)] if beside else []
        return snapshot({"apps": {"hello": {}}}, mine, *more)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "hello")


@bounded
async def test_without_an_edit_it_stays_as_it_is(history: History) -> None:
    assert await history.see(State.BUILDING, State.STARTING, State.FAILED) == []
    for _ in range(3):
        history.now += 100
        assert await history.see(State.FAILED) == []


@bounded
async def test_an_edit_is_another_try(history: History) -> None:
    await history.see(State.BUILDING, State.FAILED)
    history.write()
    assert await history.see(State.FAILED) == ["hello"]
    assert await history.see(State.BUILDING, State.STARTING, State.RUNNING) == []


@bounded
async def test_an_edit_beside_an_older_generation_that_serves(history: History) -> None:
    failed = history.at(State.FAILED, beside=State.RUNNING)
    assert await history.chance.edited(failed) == []
    history.write()
    assert await history.chance.edited(failed) == ["hello"]


@bounded
async def test_an_edit_between_the_start_and_the_failure_counts(history: History) -> None:
    await history.see(State.BUILDING)
    history.write()
    assert await history.see(State.STARTING, State.BACKOFF, State.FAILED) == ["hello"]


@bounded
async def test_an_edit_that_a_later_try_has_seen_does_not(history: History) -> None:
    await history.see(State.BUILDING, State.STARTING, State.BACKOFF)
    history.write()
    assert await history.see(State.BUILDING, State.STARTING, State.FAILED, restarts=1) == []


@bounded
async def test_an_edit_while_it_ran_does_not(history: History) -> None:
    """It ran with or without it: that it may not start again is not changed by that."""
    await history.see(State.BUILDING, State.STARTING, State.RUNNING)
    history.write()
    assert await history.see(State.BACKOFF, State.FAILED) == []


@bounded
async def test_what_it_writes_itself_when_it_starts_counts_once(history: History) -> None:
    tries = 0
    for _ in range(20):
        history.number += 1
        await history.see(State.BUILDING, State.STARTING)
        history.write("state.json")
        history.now += 1000
        if await history.see(State.FAILED):
            tries += 1
    assert tries == 1
    history.write()
    assert await history.see(State.FAILED) == ["hello"], "a person's edit counts all the same"


@bounded
async def test_an_edit_before_each_failure_counts_where_it_writes_nothing_itself(
    history: History,
) -> None:
    for edited in (True, False, True):
        history.now += 1000
        history.number += 1
        await history.see(State.BUILDING)
        if edited:
            history.write()
        assert await history.see(State.FAILED) == (["hello"] if edited else [])


@bounded
async def test_where_others_write_all_the_time_the_tries_become_rare(history: History) -> None:
    tries = 0
    await history.see(State.BUILDING, State.FAILED)
    for _ in range(600):
        history.now += 2
        history.write("table.db")
        if await history.see(State.FAILED):
            tries += 1
            await history.fails_anew()
    assert 4 <= tries <= 12


@bounded
async def test_what_was_well_meanwhile_is_tried_at_once(history: History) -> None:
    await history.see(State.BUILDING, State.FAILED)
    for _ in range(5):
        history.now += 1000
        history.write()
        assert await history.see(State.FAILED) == ["hello"]
        await history.fails_anew()
    history.write()
    assert await history.see(State.FAILED) == [], f"not within {PAUSE} s"
    await history.see(State.BUILDING, State.RUNNING)
    await history.fails_anew()
    history.write()
    assert await history.see(State.FAILED) == ["hello"]


@bounded
async def test_an_edit_that_comes_too_soon_is_not_forgotten(history: History) -> None:
    await history.see(State.BUILDING, State.FAILED)
    history.write()
    assert await history.see(State.FAILED) == ["hello"]
    await history.fails_anew()
    history.write()
    assert await history.see(State.FAILED) == []
    history.now += 2 * PAUSE
    assert await history.see(State.FAILED) == ["hello"]


@bounded
async def test_units_of_ours_and_units_that_are_gone_are_left_alone(history: History) -> None:
    strangers = [replica(State.FAILED, number=n, unit=u) for n, u in ((1, "@site"), (2, "gone"))]
    seen = snapshot({"apps": {"hello": {}}}, *strangers)
    await history.chance.note(seen)
    assert await history.chance.edited(seen) == []
    history.write()
    assert await history.chance.edited(seen) == []
