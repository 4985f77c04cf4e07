"""The newest snapshot, for all who wait for the next."""

import asyncio
from dataclasses import replace

from streamlit_controls.core.lifecycle import State
from streamlit_controls.manager.board import Board
from tests.support.asynchronous import bounded
from tests.support.samples import replica, snapshot

FIRST = snapshot({"apps": {"hello": {}}})
SECOND = replace(FIRST, replicas=(replica(State.BUILDING),))
THIRD = replace(FIRST, replicas=(replica(),))


@bounded
async def test_only_news_are_published() -> None:
    board = Board(FIRST)
    assert not board.publish(replace(FIRST))
    assert board.publish(SECOND)
    assert board.snapshot is SECOND


@bounded
async def test_readers_see_the_newest_and_skip_what_they_missed() -> None:
    board = Board(FIRST)
    changes = board.changes()
    assert await anext(changes) is FIRST
    waiting = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    assert not waiting.done()
    board.publish(SECOND)
    board.publish(THIRD)
    assert await waiting is THIRD
    await changes.aclose()  # type: ignore[attr-defined]


@bounded
async def test_nothing_is_missed_between_two_looks() -> None:
    board = Board(FIRST)
    changes = board.changes()
    await anext(changes)
    board.publish(SECOND)
    assert await anext(changes) is SECOND
    await changes.aclose()  # type: ignore[attr-defined]


@bounded
async def test_every_reader_gets_it() -> None:
    board = Board(FIRST)
    readers = [
        asyncio.create_task(board.until(lambda seen: bool(seen.replicas))) for _ in range(20)
    ]
    await asyncio.sleep(0)
    board.publish(SECOND)
    assert await asyncio.gather(*readers) == [SECOND] * 20


@bounded
async def test_until_looks_at_once() -> None:
    assert await Board(FIRST).until(lambda _: True) is FIRST
