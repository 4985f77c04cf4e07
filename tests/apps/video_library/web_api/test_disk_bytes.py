"""What only files have: descriptors, locks, and an order in which things reach the disk."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from video_api.disk_bytes import DiskBytes
from video_api.open_file import OpenFile

from tests.apps.video_library.web_api.test_storage import FACTS, an_id, put
from tests.support.asynchronous import bounded


@bounded
async def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its name is before anybody is told: a power failure shows all or nothing."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        steps.append(f"fsync {name.rpartition('.')[2]}")
        fsync(descriptor)

    def noted_replace(path: Path, target: Path) -> Path:
        steps.append(f"rename {path.suffix} {target.suffix}")
        return replace(path, target)

    stored = DiskBytes(tmp_path / "videos")
    await stored.open()
    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    await put(stored, an_id(1), b"x" * 1000)
    assert steps == ["fsync part", "rename .part .mp4", "fsync videos"]
    steps.clear()
    await stored.delete(an_id(1))
    assert steps == ["fsync videos"]
    await stored.close()


@bounded
async def test_a_descriptor_is_not_closed_under_a_thread_that_uses_it(tmp_path: Path) -> None:
    working: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    begun: list[Any] = []

    def begin(work: Any) -> asyncio.Future[Any]:
        begun.append(work)
        return working

    descriptor = os.open(tmp_path, os.O_RDONLY)
    file = OpenFile(descriptor, begin)
    waiting = asyncio.create_task(file.run(os.fstat))
    await asyncio.sleep(0)
    waiting.cancel()
    file.close()
    await asyncio.sleep(0)
    assert len(begun) == 1  # only the work; nobody was told to close it yet
    os.fstat(descriptor)
    working.set_result(None)
    await asyncio.sleep(0)
    _, close = begun
    close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


@bounded
async def test_the_lock_of_a_file_tells_whether_its_process_lives(tmp_path: Path) -> None:
    one, other = DiskBytes(tmp_path / "videos"), DiskBytes(tmp_path / "videos")
    await one.open()
    held = await one.create(an_id(1))
    assert not await other.abandoned(an_id(1))
    assert not await one.abandoned(an_id(1))
    await held.write(b"x")
    await held.commit(FACTS, "A title")
    assert not await other.abandoned(an_id(1))
    await held.close()
    while not await other.abandoned(an_id(1)):  # it is closed in a thread
        await asyncio.sleep(0)
    assert not await other.abandoned(an_id(2))
    await one.close()
    await other.close()
