"""A program that is run for its result: bounded in time, and gone with whoever waits for it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

END_SECONDS = 5.0
"""Seconds in which what is killed should be gone; a process that waits for a disk may not be."""


async def run(
    command: Sequence[str], *, cwd: Path, seconds: float, env: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Return a program's exit code, what it wrote, and what it complained of.

    Raises TimeoutError where it takes longer than so many seconds. Then, and where nobody waits for
    it any more, it is killed with all that it started.
    """
    # Not to pipes: one that a process holds which left the group would have to be waited for.
    # Nor to a disk, which may be full.
    with _memory("output") as output, _memory("complaint") as complaint:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=complaint,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(seconds):
                code = await process.wait()
        except (TimeoutError, asyncio.CancelledError):
            await _kill(process)
            raise
        return code, _text(output), _text(complaint)


async def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill a program with all that it started, and see its end, however often told not to wait."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    loop = asyncio.get_running_loop()
    until = loop.time() + END_SECONDS
    while process.returncode is None and loop.time() < until:
        with contextlib.suppress(asyncio.CancelledError, TimeoutError):
            async with asyncio.timeout_at(until):
                await process.wait()


def _memory(name: str) -> BinaryIO:
    return os.fdopen(os.memfd_create(name), "w+b")


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
