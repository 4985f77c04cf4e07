"""Dies at each step that a storage takes, one after the other, and looks what is left.

Each life is a fork: what it did to the storage is all that stays of it. Prints one line a step.
"""

import asyncio
import functools
import hashlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import video_api.sqlite_rows
from pymongo.asynchronous.collection import AsyncCollection
from video_api.drivers import drivers
from video_api.holding import Leases
from video_api.library import Library
from video_api.settings import Settings
from video_api.sqlite_rows import SqliteRows
from video_api.video import Limits, Status

from tests.apps.video_library.web_api.boxes import movie, padded

DIED, WRONG = 70, 71
LATER = 3600.0
VIDEO = padded(movie(), 1_300_000)
LIMITS = Limits(quota=10**9, videos=100, at_once=3, largest=10**8)
WRITES = ("insert_one", "insert_many", "update_one", "replace_one", "delete_one", "delete_many")


class Fate:
    """Counts the steps of a life, and ends it before one of them."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._count = 0

    def strike(self) -> None:
        self._count += 1
        if self._count == self._last:
            os._exit(DIED)

    def weave(self, owner: Any, name: str) -> None:
        """Have a function be a step: a life may end before it, which is after the one before."""
        plain = getattr(owner, name)

        @functools.wraps(plain)
        def step(*arguments: Any, **named: Any) -> Any:
            self.strike()
            return plain(*arguments, **named)

        setattr(owner, name, step)


def weave_all(fate: Fate) -> None:
    for name in ("fsync", "write"):
        fate.weave(os, name)
    for name in ("rename", "replace", "unlink"):
        fate.weave(Path, name)
    fate.weave(SqliteRows, "_run")
    fate.weave(SqliteRows, "_read")  # by now the transaction before it is committed
    fate.weave(video_api.sqlite_rows, "_change")  # in a transaction
    for name in WRITES:
        fate.weave(AsyncCollection, name)


def new_library(settings: Settings, later: float = 0.0) -> Library:
    rows, stored = drivers(settings)
    return Library(rows, stored, LIMITS, Leases(30, lambda: time.time() + later))


async def live(settings: Settings, told: Callable[[str], None]) -> None:
    """Upload a video and delete it; say what was promised."""
    library = new_library(settings)
    await library.open()
    async with library.upload("ann", "A title", len(VIDEO)) as upload:
        await upload.write(VIDEO[:1_200_000])
        await upload.write(VIDEO[1_200_000:])
        video = await library.complete(upload)
    told(f"uploaded {video.id}")
    await library._processing.finished()
    told(f"deleting {video.id}")
    await library.delete("ann", video.id)
    told(f"deleted {video.id}")
    await library.close()


async def look(settings: Settings, promised: list[str]) -> None:
    """Begin anew, an hour later; rows, bytes and what was promised must agree."""
    library = new_library(settings, LATER)
    await library.open()
    rows, stored = library._rows, library._stored
    async with asyncio.timeout(20):
        while await rows.leased():
            await asyncio.sleep(0.001)
    videos = await rows.of_owner("ann")
    assert {each.status for each in videos} <= {Status.READY}, videos
    ids = {each.id for each in videos}
    assert {each async for each in stored.strays(time.time() + 60)} == ids, "bytes without a row"
    assert await stored.sizes(ids) == dict.fromkeys(ids, len(VIDEO)), "a row without its bytes"
    for each in videos:
        parts = [part async for part in stored.read(each.id, 0, each.size)]
        assert b"".join(parts) == VIDEO
        assert each.sha256 == hashlib.sha256(VIDEO).hexdigest()
    kept = {video_id for what, video_id in map(str.split, promised) if what == "uploaded"}
    maybe = {video_id for what, video_id in map(str.split, promised) if what == "deleting"}
    gone = {video_id for what, video_id in map(str.split, promised) if what == "deleted"}
    assert kept - maybe <= ids, "a video that was promised is not there"
    assert not gone & ids, "a video that was deleted is there"
    assert len(ids) <= 1
    for video_id in ids:
        await library.delete("ann", video_id)
    await library.close()


def forked(work: Coroutine[None, None, None], prepare: Callable[[], None] | None = None) -> int:
    """Have work done in a process of its own; return its exit code."""
    pid = os.fork()
    if not pid:
        code = 0
        try:
            if prepare:
                prepare()
            asyncio.run(work)
        except BaseException:  # noqa: BLE001  (it is the outermost boundary of a process)
            traceback.print_exc()
            code = WRONG
        sys.stderr.flush()
        os._exit(code)
    work.close()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    settings, notes = Settings(**json.loads(sys.argv[1])), Path(sys.argv[2])

    def told(line: str) -> None:
        with notes.open("a") as file:
            file.write(f"{line}\n")

    for step in range(1, 1000):
        notes.write_text("")
        fate = Fate(step)
        ended = forked(live(settings, told), functools.partial(weave_all, fate))
        promised = notes.read_text().splitlines()
        looked = forked(look(settings, promised))
        print(step, ended, looked, len(promised), flush=True)  # noqa: T201
        if looked or ended == WRONG:
            sys.exit(f"after step {step}: {promised}")
        if ended == 0:
            return


main()
