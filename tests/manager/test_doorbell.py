"""A doorbell rings when somebody connects, once, and takes nobody out of the queue."""

import asyncio
import socket

from streamlit_controls.manager.doorbell import Doorbell
from streamlit_controls.manager.listeners import listen
from tests.support.asynchronous import bounded


@bounded
async def test_it_rings_once_and_the_visitor_still_waits() -> None:
    rung: list[int] = []
    came = asyncio.Event()

    def ring(number: int) -> None:
        rung.append(number)
        came.set()

    bell = Doorbell(ring)
    with listen("127.0.0.1", 0) as one, listen("127.0.0.1", 0) as other:
        bell.watch(7, [one, other])
        with socket.create_connection(other.getsockname()) as visitor:
            async with asyncio.timeout(5):
                await came.wait()
            with socket.create_connection(one.getsockname()):
                await asyncio.sleep(0)
            accepted, address = other.accept()
            with accepted:
                assert address == visitor.getsockname()
    assert rung == [7]


@bounded
async def test_it_is_silent_when_it_was_told() -> None:
    rung: list[int] = []
    bell = Doorbell(rung.append)
    with listen("127.0.0.1", 0) as listener:
        bell.watch(7, [listener])
        bell.silence(7)
        bell.silence(8)
        with socket.create_connection(listener.getsockname()):
            await asyncio.sleep(0)
            await asyncio.sleep(0)
    assert rung == []


@bounded
async def test_it_rings_for_all_who_wait_at_the_same_socket() -> None:
    rung: list[int] = []
    came = asyncio.Event()

    def ring(number: int) -> None:
        rung.append(number)
        if len(rung) == 2:
            came.set()

    bell = Doorbell(ring)
    with listen("127.0.0.1", 0) as listener:
        for number in (7, 8, 9):
            bell.watch(number, [listener])
        bell.silence(8)
        with socket.create_connection(listener.getsockname()):
            async with asyncio.timeout(5):
                await came.wait()
    assert sorted(rung) == [7, 9]
