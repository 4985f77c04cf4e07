"""Bytes in files: `<id>.part` while a process works on them, `<id>.mp4` once they are committed.

A process holds a lock of the file as long as it works on it. The kernel frees it with the process,
so that others see at once which files are abandoned.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from video_api.held_file import HeldFile, room
from video_api.open_file import OpenFile
from video_api.storage import BytesMissing, StorageFull, StorageUnavailable

THREADS = 8
CHUNK = 256 * 1024
LOCK_TRIES, LOCK_PAUSE = 20, 0.02
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ID = re.compile(r"([0-9a-f]{32})\.(new|part|mp4)")
Result = TypeVar("Result")


class DiskBytes:
    """The driver for one machine; any number of its processes may use the folder at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadPoolExecutor(THREADS, "bytes")

    async def open(self) -> None:
        for each in (self._folder.parent, self._folder):  # whose parents get the usual mode
            await self.run(each.mkdir, 0o700, True, True)

    async def close(self) -> None:
        self._threads.shutdown(wait=False)

    async def room_for(self, size: int) -> bool:
        return await self.run(room, self._folder) >= size

    async def create(self, video_id: str) -> HeldFile:
        def create() -> int:
            # Locked before it has the name by which others know it.
            new = self._path(video_id, "new")
            descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                new.rename(self._path(video_id, "part"))
            except OSError:
                os.close(descriptor)
                raise
            return descriptor

        return self._held(video_id, await self._opened(create))

    async def resume(self, video_id: str) -> HeldFile:
        def resume() -> int:
            path = self._found(video_id)
            if path is None:
                raise BytesMissing(video_id)
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            for _ in range(LOCK_TRIES):
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return descriptor
                time.sleep(LOCK_PAUSE)  # somebody may just be looking whether it is abandoned
            os.close(descriptor)
            raise StorageUnavailable(f"{path} is held by another process.")

        return self._held(video_id, await self._opened(resume))

    async def abandoned(self, video_id: str) -> bool:
        def abandoned() -> bool:
            path = self._found(video_id)
            if path is None:
                return False
            with path.open("rb") as stream:
                try:
                    fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
                return True

        try:
            return await self.run(abandoned)
        except BytesMissing:  # between two looks
            return False

    async def uncommitted_size(self, video_id: str) -> int:
        def size() -> int:
            path = self._found(video_id)
            return path.stat().st_size if path else 0

        return await self.run(size)

    async def sizes(self, ids: Collection[str]) -> dict[str, int]:
        def sizes() -> dict[str, int]:
            found = {}
            for each in ids:
                with contextlib.suppress(FileNotFoundError):
                    found[each] = self._path(each, "mp4").stat().st_size
            return found

        return await self.run(sizes)

    async def read(self, video_id: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        def open_there() -> int:
            path = self._found(video_id)
            if path is None:
                raise BytesMissing(video_id)
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)

        file = await self._opened(open_there)
        try:
            while start < end:
                data = await file.run(partial(_read, start=start, end=end))
                if not data:
                    raise BytesMissing(video_id)
                start += len(data)
                yield data
        finally:
            file.close()

    async def delete(self, video_id: str) -> None:
        def delete() -> None:
            for kind in ("new", "part", "mp4"):
                self._path(video_id, kind).unlink(missing_ok=True)
            self._sync_folder()

        await self.run(delete)

    async def strays(self, before: float) -> AsyncIterator[str]:
        def old() -> list[str]:
            found = set()
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    stat = entry.stat(follow_symlinks=False)
                    # A file that was restored lately has its old time of modification.
                    name = _ID.fullmatch(entry.name)
                    if name and max(stat.st_mtime, stat.st_ctime) < before:
                        found.add(name[1])
            return sorted(found)

        for each in await self.run(old):
            yield each

    def _held(self, video_id: str, file: OpenFile) -> HeldFile:
        return HeldFile(file, partial(self._commit, video_id))

    def _commit(self, video_id: str, descriptor: int) -> None:
        """Put a file where it is read from, so that it is there after a power failure."""
        os.fsync(descriptor)
        part = self._path(video_id, "part")
        with contextlib.suppress(FileNotFoundError):  # done before, by a process that ended then
            part.replace(self._path(video_id, "mp4"))
        self._sync_folder()

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    async def run(self, work: Callable[..., Result], *arguments: object) -> Result:
        """Have work done in a thread."""
        return await self._begun(work, *arguments)

    async def _opened(self, work: Callable[[], int]) -> OpenFile:
        """Have a file opened in a thread; it is closed if nobody waits for it any more."""
        opening = self._begun(work)
        try:
            return OpenFile(await asyncio.shield(opening), self._begun)
        except asyncio.CancelledError:
            opening.add_done_callback(_close)
            raise

    def _begun(self, work: Callable[..., Result], *arguments: object) -> asyncio.Future[Result]:
        def translated() -> Result:
            with _translated():
                return work(*arguments)

        return asyncio.get_running_loop().run_in_executor(self._threads, translated)

    def _path(self, video_id: str, kind: str) -> Path:
        return self._folder / f"{video_id}.{kind}"

    def _found(self, video_id: str) -> Path | None:
        """Return the file of a video, be it committed or not."""
        paths = (self._path(video_id, kind) for kind in ("mp4", "part"))
        return next((each for each in paths if each.exists()), None)


def _read(descriptor: int, start: int, end: int) -> bytes:
    return os.pread(descriptor, min(CHUNK, end - start), start)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise BytesMissing(str(error)) from error
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull from error
        raise StorageUnavailable(str(error)) from error


def _close(opening: "asyncio.Future[int]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        os.close(opening.result())
