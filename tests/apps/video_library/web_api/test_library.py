"""The library over both storages: what becomes of videos when things end at the wrong moment."""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from video_api.ending import end
from video_api.holding import Leases
from video_api.library import Library, NotReady, UnknownVideo
from video_api.storage import BytesMissing, Gone, Held, StorageUnavailable
from video_api.uploading import TooLarge
from video_api.video import Limits, Status, Video, before

from tests.apps.video_library.sample_video import sample_video
from tests.apps.video_library.web_api.boxes import movie, padded
from tests.apps.video_library.web_api.conftest import Drivers
from tests.support.asynchronous import bounded

LIMITS = Limits(quota=10**9, videos=100, at_once=3, largest=10**8)
LATER = 3600.0


@contextlib.asynccontextmanager
async def opened(
    new_drivers: Callable[[], Drivers], *, later: float = 0, seconds: float = 30
) -> AsyncIterator[Library]:
    """Open a library as one process does; `later` by its own clock."""
    rows, stored = new_drivers()
    library = Library(rows, stored, LIMITS, Leases(seconds, lambda: time.time() + later))
    await library.open()
    try:
        yield library
    finally:
        await library.close()


async def uploaded(library: Library, content: bytes | None = None, owner: str = "ann") -> Video:
    data = sample_video() if content is None else content
    async with library.upload(owner, "A title", len(data)) as upload:
        for start in range(0, len(data), 300_000):
            await upload.write(data[start : start + 300_000])
        return await library.complete(upload)


async def settled(library: Library, video: Video, owner: str = "ann") -> Video:
    while (now := await library.find(owner, video.id)).status is Status.PROCESSING:
        await asyncio.sleep(0.01)
    return now


async def content(library: Library, video: Video) -> bytes:
    return b"".join([each async for each in library.read(video, 0, video.size)])


async def nothing_is_left(new_drivers: Callable[[], Drivers], *kept: Video) -> None:
    """No rows and no bytes but those of the videos that are kept."""
    rows, stored = new_drivers()
    await stored.open()
    await rows.open()
    try:
        assert {each.id for each in await rows.of_owner("ann")} == {each.id for each in kept}
        strays = {each async for each in stored.strays(time.time() + 60)}
        assert strays == {each.id for each in kept}
        assert await rows.leased() == []
    finally:
        await stored.close()
        await rows.close()


@bounded
async def test_a_video(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as library:
        video = await settled(library, await uploaded(library))
        assert video.status is Status.READY
        assert video.sha256 == hashlib.sha256(sample_video()).hexdigest()
        assert await content(library, video) == sample_video()
        assert (await library.shelf("ann")).used == video.size
        assert (await library.watched("ann", video.id)) == video
        for somebody in ("bob", "", "ann "):
            with pytest.raises(UnknownVideo):
                await library.find(somebody, video.id)
        await library.delete("ann", video.id)
        with pytest.raises(UnknownVideo):
            await library.delete("ann", video.id)
        with pytest.raises(BytesMissing):
            await content(library, video)
    await nothing_is_left(new_drivers)


@bounded
async def test_nothing_stays_of_an_upload_that_fails(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as library:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012
            async with library.upload("ann", "A title", 10**6) as upload:
                await upload.write(bytes(2 * 10**6))
                raise ZeroDivisionError
    await nothing_is_left(new_drivers)


@pytest.mark.parametrize("after", [0, 1, 3])
@bounded
async def test_nothing_stays_of_an_upload_that_is_cancelled(
    new_drivers: Callable[[], Drivers], after: int
) -> None:
    async with opened(new_drivers) as library:
        written = asyncio.Event()

        async def upload() -> None:
            async with library.upload("ann", "A title", 10**6) as upload:
                for _ in range(after):
                    await upload.write(bytes(1_500_000))
                written.set()
                while True:
                    await upload.write(bytes(1_500_000))

        task = asyncio.create_task(upload())
        await written.wait()
        await end([task])
        with contextlib.suppress(asyncio.CancelledError, TooLarge):
            await task
    await nothing_is_left(new_drivers)


@bounded
async def test_a_library_that_closes_leaves_processing_to_the_next(
    new_drivers: Callable[[], Drivers],
) -> None:
    async with opened(new_drivers) as library:
        videos = [await uploaded(library, padded(sample_video(), 1_500_000)) for _ in range(3)]
    async with opened(new_drivers) as library:
        for video in videos:
            assert (await settled(library, video)).status is Status.READY
    await nothing_is_left(new_drivers, *videos)


@bounded
async def test_a_video_that_is_no_mp4(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as library:
        video = await settled(library, await uploaded(library, movie()[:-1]))
        assert video.status is Status.FAILED
        assert "cut short" in str(video.error)
        with pytest.raises(NotReady):
            await library.watched("ann", video.id)
        assert (await library.shelf("ann")).used == 0
        await library.delete("ann", video.id)
    await nothing_is_left(new_drivers)


@bounded
async def test_an_upload_that_is_deleted(new_drivers: Callable[[], Drivers]) -> None:
    async with opened(new_drivers) as library:
        with pytest.raises(Gone):  # noqa: PT012
            async with library.upload("ann", "A title", 10) as upload:
                await upload.write(bytes(2_000_000))
                await library.delete("ann", upload.video.id)
                with pytest.raises(UnknownVideo):
                    await library.find("ann", upload.video.id)
                await upload.write(bytes(10))
    await nothing_is_left(new_drivers)


@bounded
async def test_an_upload_that_another_process_deletes(
    new_drivers: Callable[[], Drivers],
) -> None:
    async with opened(new_drivers, seconds=0.2) as library, opened(new_drivers) as other:
        with pytest.raises(Gone):  # noqa: PT012
            async with library.upload("ann", "A title", 10) as upload:
                await upload.write(bytes(2_000_000))
                await other.delete("ann", upload.video.id)
                assert (await other.shelf("ann")).videos == []
                while True:
                    await asyncio.sleep(0.01)
                    await upload.write(b"x")
    await nothing_is_left(new_drivers)


@bounded
async def test_a_deletion_at_the_last_moment(new_drivers: Callable[[], Drivers]) -> None:
    """Between the last byte and the answer, and at any moment of the processing."""
    async with opened(new_drivers) as library:
        with pytest.raises(Gone):  # noqa: PT012
            async with library.upload("ann", "A title", 10) as upload:
                await upload.write(sample_video())
                await library.delete("ann", upload.video.id)
                await library.complete(upload)
        for moments in range(12):
            video = await uploaded(library)
            for _ in range(moments):
                await asyncio.sleep(0)
            await library.delete("ann", video.id)
            with pytest.raises(UnknownVideo):
                await library.find("ann", video.id)
        await library._processing.finished()
    await nothing_is_left(new_drivers)


@bounded
async def test_what_a_dead_process_left_is_not_shown_and_swept(
    new_drivers: Callable[[], Drivers],
) -> None:
    dead = await leave_everything_behind(new_drivers)
    async with opened(new_drivers, later=LATER) as library:
        shown = {each.id: each for each in (await library.shelf("ann")).videos}
        assert dead["uploading"] not in shown
        assert dead["deleting"] not in shown
        video = await settled(library, shown[dead["processing"]])
        assert video.status is Status.READY
        assert await content(library, video) == sample_video()
        lost = await settled(library, shown[dead["lost"]])
        assert lost.status is Status.FAILED
        assert "the server was interrupted" in str(lost.error)
        await library._processing.finished()
        for each in (lost.id, dead["failed"]):
            await library.delete("ann", each)
    await nothing_is_left(new_drivers, video)


async def leave_everything_behind(new_drivers: Callable[[], Drivers]) -> dict[str, str]:
    """Do what a process does that is killed at each of its steps; return the ids."""
    rows, stored = new_drivers()
    await stored.open()
    await rows.open()
    lease = Leases(30).new("dead")
    ids = {}
    for number, name in enumerate(("uploading", "processing", "lost", "failed", "deleting")):
        video = Video(
            f"{number:032x}",
            "ann",
            name,
            Status.UPLOADING,
            len(sample_video()),
            0,
            time.time(),
            holder=lease.holder,
            lease_until=lease.until,
        )
        ids[name] = video.id
        await rows.add(video, replace(LIMITS, at_once=99), time.time())
        if name != "lost":
            held = await stored.create(video.id)
            await held.write(sample_video())
            await held.finish()
            await held.close()
        if name in ("processing", "lost", "failed"):
            assert await rows.received(video.id, lease.holder, video.size)
        if name == "failed":
            assert await rows.failed(video.id, lease.holder, "No video.")
        if name == "deleting":
            assert await rows.deleting(video.id, list(Status), None, None)
    await stored.close()
    await rows.close()
    return ids


@bounded
async def test_what_lives_is_left_alone(new_drivers: Callable[[], Drivers]) -> None:
    """Two processes of one storage, as a restart has them: neither takes anything of the other."""
    async with opened(new_drivers) as library:
        async with library.upload("ann", "A title", 10) as upload:
            await upload.write(padded(sample_video(), 1_200_000))
            async with opened(new_drivers) as other:
                await other._sweeper.sweep()
                await other._sweeper.sweep_strays()
                (seen,) = (await other.shelf("ann")).videos
                assert seen.status is Status.UPLOADING
            video = await library.complete(upload)
        assert (await settled(library, video)).status is Status.READY


@bounded
async def test_a_process_that_was_asleep_for_too_long(new_drivers: Callable[[], Drivers]) -> None:
    """Its uploads are others' by then: it ends them, and leaves nothing."""
    async with opened(new_drivers) as library:
        with pytest.raises(Gone):  # noqa: PT012
            async with library.upload("ann", "A title", 10) as upload:
                await upload.write(bytes(1_500_000))
                async with opened(new_drivers, later=LATER) as other:
                    assert (await other.shelf("ann")).videos == []
                await upload.write(bytes(1_500_000))
                await library.complete(upload)
    await nothing_is_left(new_drivers)


@bounded
async def test_a_process_that_was_asleep_while_it_processed(
    new_drivers: Callable[[], Drivers], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has lost the video to another process, and takes nothing from that one."""
    woken = asyncio.Event()
    held: list[Held] = []
    rows, stored = new_drivers()
    ready = rows.ready

    async def ready_late(*arguments: Any) -> bool:
        await held[0].close()  # as when the process had ended, as far as files are concerned
        await woken.wait()
        return await ready(*arguments)

    monkeypatch.setattr(rows, "ready", ready_late)
    library = Library(rows, stored, LIMITS, Leases(30))
    await library.open()
    async with library.upload("ann", "A title", 10) as upload:
        await upload.write(sample_video())
        video = await library.complete(upload)
        assert upload._held
        held.append(upload._held)
    async with opened(new_drivers, later=LATER) as other:
        while (await other.find("ann", video.id)).status is Status.PROCESSING:
            await other._sweeper.sweep()
            await asyncio.sleep(0.01)
        woken.set()
        await library._processing.finished()
        now = await other.find("ann", video.id)
        assert now.status is Status.READY
        assert await content(other, now) == sample_video()
    await library.close()
    await nothing_is_left(new_drivers, video)


@bounded
async def test_bytes_of_nobody(
    new_drivers: Callable[[], Drivers], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(new_drivers) as library:
        video = await settled(library, await uploaded(library))
        stray = await library._stored.create("f" * 32)
        await stray.write(b"x" * 1000)
        await stray.finish()
        await stray.close()
        await library._sweeper.sweep_strays()
        assert await library._stored.uncommitted_size("f" * 32) == 1000
    async with opened(new_drivers, later=25 * LATER) as library:
        await library._sweeper.sweep_strays()
        assert await library._stored.uncommitted_size("f" * 32) == 0
    await nothing_is_left(new_drivers, video)


@bounded
async def test_a_storage_that_fails_in_the_middle(
    new_drivers: Callable[[], Drivers], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The videos stay as they are, and are finished once it is back."""

    async def fail(*_arguments: Any) -> Any:
        raise StorageUnavailable("It is away.")

    async with opened(new_drivers) as library:
        with monkeypatch.context() as broken:
            broken.setattr(library._rows, "ready", fail)
            video = await uploaded(library)
            await library._processing.finished()
        assert (await library.find("ann", video.id)).status is Status.PROCESSING
        with monkeypatch.context() as broken:
            broken.setattr(library._rows, "received", fail)
            with pytest.raises(StorageUnavailable):
                await uploaded(library)
        with monkeypatch.context() as broken:
            broken.setattr(library._rows, "remove", fail)
            with pytest.raises(ZeroDivisionError):
                async with library.upload("ann", "A title", 10):
                    raise ZeroDivisionError
    async with opened(new_drivers, later=LATER) as library:
        assert (await settled(library, video)).status is Status.READY
    await nothing_is_left(new_drivers, video)


def test_the_table_of_states() -> None:
    assert before(Status.UPLOADING) == frozenset()
    assert before(Status.PROCESSING) == {Status.UPLOADING}
    assert before(Status.READY) == before(Status.FAILED) == {Status.PROCESSING}
    assert before(Status.DELETING) == set(Status) - {Status.DELETING}
