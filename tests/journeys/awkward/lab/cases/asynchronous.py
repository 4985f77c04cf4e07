"""Event loops in a script's thread."""

import asyncio
import sys
from typing import Any


async def work() -> list[Any]:
    results = await asyncio.gather(*(asyncio.to_thread(pow, 2, each) for each in range(4)))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print(6 * 7)", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    return [results, out.decode(), child.returncode, type(asyncio.get_running_loop()).__module__]


def show() -> list[Any]:
    try:
        asyncio.get_event_loop()
        outside = "a loop"
    except RuntimeError as error:
        outside = str(error).partition("'")[0]
    return [*asyncio.run(work()), outside]
