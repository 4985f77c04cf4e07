"""One contract for both drivers: what a storage must do, whichever it is."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from video_api.storage import (
    BytesMissing,
    Gone,
    QuotaExceeded,
    StorageUnavailable,
    TooManyUploads,
    TooManyVideos,
    VideoBytes,
    VideoRows,
)
from video_api.video import HELD, SETTLED, Facts, Lease, Limits, Status, Video

from tests.apps.video_library.web_api.conftest import Drivers
from tests.support.asynchronous import bounded

NOW = time.time()
LIMITS = Limits(quota=1000, videos=6, at_once=2, largest=500)
FACTS = Facts("ab" * 32, 1.5, 320, 180)
LEASE = Lease("holder", NOW + 30)
CHUNK = 255 * 1024


def an_id(number: int) -> str:
    return f"{number:032x}"


def a_video(number: int = 1, *, size: int = 100, owner: str = "ann") -> Video:
    return Video(
        an_id(number),
        owner,
        f"Number {number}",
        Status.UPLOADING,
        size,
        0,
        NOW + number,
        holder=LEASE.holder,
        lease_until=LEASE.until,
    )


@contextlib.asynccontextmanager
async def opened(new_drivers: Callable[[], Drivers]) -> AsyncIterator[Drivers]:
    rows, stored = new_drivers()
    await stored.open()
    await rows.open()
    try:
        yield rows, stored
    finally:
        await stored.close()
        await rows.close()


async def added(rows: VideoRows, video: Video) -> Video:
    await rows.add(video, LIMITS, NOW)
    return video


async def made_ready(rows: VideoRows, video: Video) -> Video:
    await added(rows, video)
    assert await rows.received(video.id, LEASE.holder, video.size)
    assert await rows.ready(video.id, LEASE.holder, FACTS)
    found = await rows.find(video.id)
    assert found
    return found


async def content(stored: VideoBytes, video_id: str, start: int, end: int) -> bytes:
    return b"".join([each async for each in stored.read(video_id, start, end)])


async def put(stored: VideoBytes, video_id: str, data: bytes, *, commit: bool = True) -> None:
    held = await stored.create(video_id)
    for start in range(0, len(data), 100_000):
        await held.write(data[start : start + 100_000])
    await held.finish()
    if commit:
        await held.commit(FACTS, "A title")
    await held.close()


@bounded
async def test_rows_are_found_as_they_were_added(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (rows, _):
        first = await added(rows, a_video(1))
        second = await added(rows, a_video(2))
        await added(rows, a_video(3, owner="bob"))
        assert await rows.find(first.id) == first
        assert await rows.find(an_id(9)) is None
        assert await rows.of_owner("ann") == [second, first]
        assert await rows.of_owner("nobody") == []
        assert await rows.known([first.id, an_id(9)]) == {first.id}
        await rows.ping()


@bounded
async def test_another_process_sees_the_same(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (rows, stored), opened(new_drivers) as (others, their_bytes):
        video = await made_ready(rows, a_video())
        await put(stored, video.id, b"x" * 1000)
        assert await others.find(video.id) == video
        assert await content(their_bytes, video.id, 10, 20) == b"x" * 10


@bounded
async def test_the_way_from_upload_to_ready(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (rows, _):
        video = await added(rows, a_video())
        assert await rows.renew(video.id, Lease(LEASE.holder, NOW + 60), 50)
        found = await rows.find(video.id)
        assert found == replace(video, received=50, lease_until=NOW + 60)
        assert await rows.received(video.id, LEASE.holder, 90)
        assert await rows.renew(video.id, LEASE, 90)
        assert await rows.leased() == [
            replace(video, status=Status.PROCESSING, size=90, received=90)
        ]
        assert await rows.ready(video.id, LEASE.holder, FACTS)
        found = await rows.find(video.id)
        assert found == replace(
            video,
            status=Status.READY,
            size=90,
            received=90,
            holder=None,
            lease_until=0.0,
            **vars(FACTS),
        )
        assert await rows.leased() == []


@bounded
async def test_a_failure_keeps_its_lease_until_the_bytes_are_gone(
    new_drivers: Callable[[], Drivers],
) -> None:
    async with opened(new_drivers) as (rows, _):
        video = await added(rows, a_video())
        assert await rows.received(video.id, LEASE.holder, 90)
        assert await rows.failed(video.id, LEASE.holder, "No video.")
        (found,) = await rows.leased()
        assert (found.status, found.error) == (Status.FAILED, "No video.")
        assert await rows.release(video.id, LEASE.holder, None)
        assert await rows.leased() == []
        found = (await rows.of_owner("ann"))[0]
        assert (found.holder, found.lease_until) == (None, 0.0)


@bounded
async def test_nothing_is_done_twice_or_out_of_turn(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (rows, _):
        video = await added(rows, a_video())
        assert not await rows.ready(video.id, LEASE.holder, FACTS)
        assert not await rows.failed(video.id, LEASE.holder, "Too early.")
        assert await rows.received(video.id, LEASE.holder, 90)
        assert not await rows.received(video.id, LEASE.holder, 91)
        await rows.remove(video.id)  # not DELETING
        assert await rows.find(video.id)
        assert not await rows.deleting(video.id, SETTLED, LEASE, None)
        assert await rows.deleting(video.id, HELD, None, None)
        assert not await rows.deleting(video.id, list(Status), None, None)
        assert not await rows.ready(video.id, LEASE.holder, FACTS)
        assert not await rows.renew(video.id, LEASE, 90)
        await rows.remove(video.id)
        assert await rows.find(video.id) is None


@bounded
async def test_only_the_holder_changes_what_is_held(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (rows, _):
        video = await added(rows, a_video())
        assert not await rows.renew(video.id, Lease("other", NOW + 99), 1)
        assert not await rows.received(video.id, "other", 90)
        assert not await rows.release(video.id, "other", None)
        assert not await rows.deleting(video.id, HELD, None, "other")
        with pytest.raises(Gone):
            await rows.grow(replace(video, holder="other"), 200, 200, 1000, NOW)
        assert await rows.find(video.id) == video


@bounded
async def test_one_of_many_takes_over(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (rows, _), opened(new_drivers) as (others, _):
        video = await added(rows, a_video())
        (seen,) = await rows.leased()
        claims = [
            (rows, others)[number % 2].claim(
                seen, Lease(f"new {number}", NOW + 60), Status.DELETING
            )
            for number in range(6)
        ]
        assert sum(await asyncio.gather(*claims)) == 1
        (found,) = await rows.leased()
        assert found.status is Status.DELETING
        assert not await rows.renew(video.id, LEASE, 1)


@bounded
async def test_a_lease_that_was_renewed_meanwhile_is_not_claimed(
    new_drivers: Callable[[], Drivers],
) -> None:
    async with opened(new_drivers) as (rows, _):
        video = await added(rows, a_video())
        (seen,) = await rows.leased()
        assert await rows.renew(video.id, Lease(LEASE.holder, NOW + 60), 5)
        assert not await rows.claim(seen, Lease("other", NOW + 90), Status.DELETING)


@bounded
async def test_limits_of_an_account(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (rows, _):
        await made_ready(rows, a_video(1, size=700))
        with pytest.raises(QuotaExceeded):
            await added(rows, a_video(2, size=301))
        await added(rows, a_video(3, size=200))
        await added(rows, a_video(4, size=100))
        with pytest.raises(TooManyUploads):
            await added(rows, a_video(5, size=0))
        await added(rows, a_video(6, owner="bob"))
        # Uploads whose process is gone count for nothing.
        await rows.add(a_video(7, size=300), LIMITS, LEASE.until + 1)
        for number in (8, 9):
            video = a_video(number, size=0)
            await rows.add(replace(video, lease_until=LEASE.until + 50), LIMITS, LEASE.until + 1)
        with pytest.raises(TooManyVideos):
            await rows.add(a_video(10, size=0), LIMITS, LEASE.until + 60)


@bounded
async def test_growing_takes_what_is_left(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (rows, _):
        await made_ready(rows, a_video(1, size=700))
        video = await added(rows, a_video(2, size=100))
        assert await rows.grow(video, 150, 200, 1000, NOW) == 200
        assert await rows.grow(video, 250, 900, 1000, NOW) == 300
        with pytest.raises(QuotaExceeded):
            await rows.grow(video, 301, 400, 1000, NOW)
        found = await rows.find(video.id)
        assert found
        assert found.size == 300


@bounded
async def test_many_at_once_do_not_exceed_the_limits(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (rows, _), opened(new_drivers) as (others, _):
        adding = [
            (rows, others)[number % 2].add(a_video(number, size=100), LIMITS, NOW)
            for number in range(12)
        ]
        results = await asyncio.gather(*adding, return_exceptions=True)
        assert sum(result is None for result in results) == LIMITS.at_once
        refused = [each for each in results if each is not None]
        assert {type(each) for each in refused} == {TooManyUploads}
        assert len(await rows.of_owner("ann")) == LIMITS.at_once


@bounded
async def test_bytes_come_back_as_they_were(new_drivers: Callable[[], Drivers]) -> None:
    data = bytes(range(256)) * 4096  # a MiB and more than four chunks of GridFS
    async with opened(new_drivers) as (_, stored):
        await put(stored, an_id(1), data)
        assert await stored.sizes([an_id(1), an_id(2)]) == {an_id(1): len(data)}
        assert await stored.uncommitted_size(an_id(1)) == len(data)
        for start, end in [
            (0, len(data)),
            (0, 1),
            (len(data) - 1, len(data)),
            (CHUNK - 1, CHUNK + 1),
            (CHUNK, 2 * CHUNK),
            (3 * CHUNK + 7, len(data)),
            (5, 5),
        ]:
            assert await content(stored, an_id(1), start, end) == data[start:end]


@bounded
async def test_bytes_that_are_not_there(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (_, stored):
        await put(stored, an_id(1), b"x" * 100)
        with pytest.raises(BytesMissing):
            await content(stored, an_id(2), 0, 10)
        with pytest.raises(BytesMissing):
            await content(stored, an_id(1), 0, 101)
        await stored.delete(an_id(1))
        await stored.delete(an_id(1))
        assert await stored.sizes([an_id(1)]) == {}
        assert await stored.uncommitted_size(an_id(1)) == 0
        with pytest.raises(BytesMissing):
            await content(stored, an_id(1), 0, 10)


@bounded
async def test_nobody_sees_bytes_before_they_are_committed(
    new_drivers: Callable[[], Drivers],
) -> None:
    async with opened(new_drivers) as (_, stored), opened(new_drivers) as (_, others):
        await put(stored, an_id(1), b"x" * 1000, commit=False)
        assert await others.sizes([an_id(1)]) == {}
        assert await others.uncommitted_size(an_id(1)) == 1000
        held = await others.resume(an_id(1))
        for _ in range(2):
            await held.commit(FACTS, "A title")
        await held.close()
        assert await stored.sizes([an_id(1)]) == {an_id(1): 1000}
        assert await content(stored, an_id(1), 0, 1000) == b"x" * 1000


@bounded
async def test_strays_are_those_that_are_old(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as (_, stored):
        await put(stored, an_id(1), b"x")
        await put(stored, an_id(2), b"x", commit=False)
        now = time.time()
        assert [each async for each in stored.strays(now - 60)] == []
        assert {each async for each in stored.strays(now + 60)} == {an_id(1), an_id(2)}


@bounded
async def test_a_storage_that_is_not_open(new_drivers: Callable[[], Drivers]) -> None:
    rows, stored = new_drivers()
    await stored.open()
    await rows.open()
    await rows.close()
    await stored.close()
    with pytest.raises((StorageUnavailable, RuntimeError)):
        await rows.ping()


@given(
    ranges=st.lists(
        st.tuples(st.integers(0, 3 * CHUNK), st.integers(0, CHUNK)), min_size=1, max_size=5
    )
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_range_is_that_of_the_bytes(
    new_drivers: Callable[[], Drivers], ranges: list[tuple[int, int]]
) -> None:
    data = bytes(range(251)) * (3 * CHUNK // 251)

    async def look() -> None:
        async with opened(new_drivers) as (_, stored):
            if await stored.sizes([an_id(1)]) == {}:
                await put(stored, an_id(1), data)
            for start, length in ranges:
                end = min(start + length, len(data))
                if start <= end:
                    assert await content(stored, an_id(1), start, end) == data[start:end]

    asyncio.run(look())
