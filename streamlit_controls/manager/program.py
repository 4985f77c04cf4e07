"""A program that is run for its result: bounded in time, and gone with whoever waits for it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path


async def run(
    command: Sequence[str], *, cwd: Path, seconds: float, env: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Return a program's exit code, what it wrote, and what it complained of.

    Raises TimeoutError where it takes longer than so many seconds. Then, and where nobody waits for
    it any more, it is killed with all that it started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            out, complaint = await process.communicate()
    except (TimeoutError, asyncio.CancelledError):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()
        raise
    code = process.returncode or 0
    return code, out.decode(errors="replace"), complaint.decode(errors="replace")
