"""Weighs the instances whose memory has a limit."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import psutil

from streamlit_controls.core.events import Weighed
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.unit import Unit

INTERVAL = 2.0
"""Seconds between two weighings."""


async def watch(
    replicas: Callable[[], Iterable[Replica]],
    units: Callable[[], Mapping[str, Unit]],
    post: Callable[[Weighed], None],
) -> None:
    """Tell again and again which instances are above their limits, for ever."""
    while True:
        await asyncio.sleep(INTERVAL)
        known = units()
        for replica in list(replicas()):
            unit, instance = known.get(replica.unit), replica.instance
            if unit is None or unit.memory_limit is None or instance is None:
                continue
            used = await asyncio.to_thread(weight, instance.pid)
            if used > unit.memory_limit:
                post(Weighed(replica.number, instance.id, used))


def weight(pid: int) -> int:
    """Return the bytes of memory of a process and all that it started; 0 where it is gone.

    What several processes share counts for each in part, as it is there once: forks have most of
    their memory in common.
    """
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(_share(each) for each in family)


def _share(process: psutil.Process) -> int:
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        kilobytes = next(line.split()[1] for line in text.splitlines() if line.startswith("Pss:"))
        return int(kilobytes) * 1024
    except PermissionError:
        pass  # another user's; what it has in memory is known all the same
    except (OSError, StopIteration, ValueError):
        return 0
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
