"""The pipe on which an instance tells how it is doing."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from streamlit_controls.manager.reports import LINE, ReportPipe
from tests.support.asynchronous import bounded


@contextlib.asynccontextmanager
async def pipe() -> AsyncIterator[tuple[ReportPipe, int, list[Mapping[str, Any]]]]:
    heard: list[Mapping[str, Any]] = []
    read, write = os.pipe()
    made = ReportPipe(read, heard.append)
    try:
        yield made, write, heard
    finally:
        made.close()
        with contextlib.suppress(OSError):
            os.close(write)


async def until_heard(heard: list[Mapping[str, Any]], count: int) -> None:
    while len(heard) < count:
        await asyncio.sleep(0.001)


@bounded
async def test_lines_come_as_they_are_written() -> None:
    async with pipe() as (_, write, heard):
        os.write(write, b'{"sessions": 1}\n{"sessions": 2}\n{"sess')
        await until_heard(heard, 2)
        os.write(write, b'ions": 3}\n')
        await until_heard(heard, 3)
        assert [each["sessions"] for each in heard] == [1, 2, 3]


@pytest.mark.parametrize(
    "junk", [b"\n", b"hello\n", b"[1]\n", b"\xff\n", b"5\n", b"[" * 9999 + b"\n"]
)
@bounded
async def test_anything_else_harms_nobody(junk: bytes) -> None:
    async with pipe() as (_, write, heard):
        os.write(write, junk + b'{"sessions": 1}\n')
        await until_heard(heard, 1)
        assert heard == [{"sessions": 1}]


@bounded
async def test_a_line_without_an_end_is_given_up() -> None:
    async with pipe() as (made, write, heard):
        for _ in range(8):
            os.write(write, b"x" * (LINE // 2))
            made.drain()
        os.write(write, b'\n{"sessions": 1}\n')
        await until_heard(heard, 1)
        assert heard == [{"sessions": 1}]


@bounded
async def test_last_words_are_heard() -> None:
    async with pipe() as (made, write, heard):
        os.write(write, b'{"refused": "no Streamlit"}\n')
        os.close(write)
        made.drain()
        assert heard == [{"refused": "no Streamlit"}]
        made.drain()


@bounded
async def test_a_pipe_that_never_ends_lets_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that reads as fast as an app writes would keep the whole manager waiting."""
    async with pipe() as (made, _, heard):
        monkeypatch.setattr(os, "read", lambda *_: b'{"sessions": 1}\n')
        made.drain()
        monkeypatch.undo()
        assert 0 < len(heard) < 100
