"""The zygotes of all environments: started when first needed, bounded in memory."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from streamlit_controls.core import launch
from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import LaunchError
from streamlit_controls.manager import homes
from streamlit_controls.manager.process import Process, since_boot
from streamlit_controls.manager.zygote import Embryo, Zygote
from streamlit_controls.project import CODE_ROOT, Project

START_PATIENCE = 60.0
"""Seconds from a zygote's start until it can fork."""

INTERVAL = 30.0
"""Seconds between two looks at whether all are still needed."""

AGAIN, SOON = 3600.0, 60.0
"""Seconds after which what cannot be forked is tried again, and what was prevented once."""

QUICK = 5.0
"""Seconds; a zygote that lived shorter is not started again until somebody needs it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Key:
    """What a zygote is for: an environment as it is now, further imports, variables passed on."""

    python: Path
    changed: tuple[int, ...]
    preload: tuple[str, ...]
    passed: tuple[str, ...]


@dataclass
class Place:
    """What there is for a key: a zygote, or one that starts, or the reason why there is none."""

    zygote: asyncio.Task[Zygote | None]
    began_at: float
    used_at: float = 0.0
    unsuitable: bool = False
    """Whether there is no zygote because of what the environment is."""

    def is_of_use(self, now: float) -> bool:
        """Tell whether to go by it, be it that there is no zygote, rather than to try anew."""
        if not self.zygote.done() or self.zygote.cancelled():
            return not self.zygote.done()
        zygote = self.zygote.result()
        if zygote is None:
            return now - self.began_at < (AGAIN if self.unsuitable else SOON)
        return not zygote.gone


class Zygotes:
    """Gives forks of the zygote of an environment; where there can be none, it says so by None."""

    def __init__(self, project: Project, config: Callable[[], Config]) -> None:
        self._project = project
        self._config = config
        self._places: dict[Key, Place] = {}
        self._retired: list[Zygote] = []
        self._watches: dict[asyncio.Task[None], Zygote] = {}
        self._folder = project.run / "zygote"

    async def fork(
        self, python: Path, preload: tuple[str, ...], patience: float = START_PATIENCE
    ) -> Embryo | None:
        """Return a fork with the environment's packages imported, or None where that cannot be.

        `patience` is for a zygote that is not ready yet, in seconds.
        """
        key = self._key(python, preload)
        try:
            async with asyncio.timeout(patience):
                zygote = await self._zygote(key)
        except TimeoutError:
            return None
        if zygote is None:
            return None
        try:
            return await zygote.fork()
        except (OSError, TimeoutError) as error:
            log.warning("zygote %s: gives no fork: %s", zygote.process.pid, str(error) or "late")
            zygote.kill()
            return None

    async def warm(self, python: Path, preload: tuple[str, ...]) -> None:
        """See to it that there is a zygote."""
        await self._zygote(self._key(python, preload))

    async def run(self) -> None:
        """Let go of those that are not needed, again and again."""
        while True:
            await asyncio.sleep(INTERVAL)
            self.tidy(since_boot())

    def tidy(self, now: float) -> None:
        """Let those go that nobody used for long, that are replaced, or that are too many."""
        config = self._config()
        for key, place in sorted(self._places.items(), key=lambda item: item[1].used_at):
            zygote = _there(place)
            if zygote is None:
                continue
            idle = now - place.used_at
            unused = config.zygote_timeout and idle >= config.zygote_timeout
            changed = _changed(key.python) != key.changed
            if changed or (unused and not zygote.children) or self._excess() > 0:
                self._retire(key)
        for zygote in [each for each in self._retired if not each.children]:
            self._retired.remove(zygote)
            zygote.close()

    async def close(self) -> None:
        """End them all, those too that begin just now."""
        for place in self._places.values():
            place.zygote.cancel()
        self._places.clear()
        for zygote in self._watches.values():
            zygote.kill()
        if self._watches:
            await asyncio.wait(self._watches)

    def _key(self, python: Path, preload: tuple[str, ...]) -> Key:
        return Key(python, _changed(python), preload, self._config().pass_env)

    async def _zygote(self, key: Key) -> Zygote | None:
        place, now = self._places.get(key), since_boot()
        if place is None or not place.is_of_use(now):
            self._replace_older(key)
            place = self._places[key] = Place(asyncio.create_task(self._start(key)), now)
        place.used_at = now
        return await asyncio.shield(place.zygote)

    def _replace_older(self, key: Key) -> None:
        """Retire the zygotes of the same environment as it was before it changed."""
        for other in list(self._places):
            if (other.python, other.preload) == (key.python, key.preload) and other != key:
                self._retire(other)

    def _retire(self, key: Key) -> None:
        """Give a zygote up; it stays while its forks live, to tell how they end."""
        place = self._places.pop(key)
        zygote = _there(place)
        if not place.zygote.done():  # who waits for it may have a fork yet
            place.zygote.add_done_callback(lambda _: self._retire_late(place))
        elif zygote is not None and zygote.children:
            self._retired.append(zygote)
        elif zygote is not None:
            zygote.close()

    def _retire_late(self, place: Place) -> None:
        zygote = _there(place)
        if zygote is not None:
            self._retired.append(zygote)

    def _excess(self) -> int:
        """Return by how many bytes all zygotes together are too large."""
        limit = self._config().zygote_memory or psutil.virtual_memory().total // 4
        there = [zygote for place in self._places.values() if (zygote := _there(place))]
        return sum(_memory(zygote.process.pid) for zygote in there) - limit

    async def _start(self, key: Key) -> Zygote | None:
        """Start a zygote; return None, having said why, where it is no good."""
        try:
            zygote = self._spawn(key)
        except (LaunchError, OSError) as error:
            log.warning("no zygote for %s: %s", self._project.shown(key.python), error)
            return None
        self._watch(key, zygote)
        try:
            words = await zygote.prepared(START_PATIENCE)
        except TimeoutError:
            words = {"unsuitable": f"it was not ready within {START_PATIENCE:.0f} seconds"}
            zygote.kill()
        except asyncio.CancelledError:
            zygote.kill()
            raise
        for module, problem in words.get("missing", {}).items():
            log.warning("preload: %s cannot be imported: %s", module, problem)
        if not words.get("ready"):
            why = words.get("unsuitable", "it ended before it was ready")
            if "unsuitable" in words and key in self._places:
                self._places[key].unsuitable = True
            log.info("instances of %s are started, not forked: %s", key.python, why)
            return None
        log.info("zygote %s is ready for %s", zygote.process.pid, self._project.shown(key.python))
        return zygote

    def _spawn(self, key: Key) -> Zygote:
        self._folder.mkdir(exist_ok=True)
        homes.make(launch.ZYGOTES, self._project.root)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs, self._project.controller_log.open("ab") as said:
                how = launch.zygote(
                    key.python,
                    key.preload,
                    control_fd=theirs.fileno(),
                    places=launch.Places(CODE_ROOT, self._project.root, Path(sys.prefix)),
                    inherited=os.environ,
                    passed=key.passed,
                )
                process = Process.spawn(
                    how.argv, cwd=how.cwd, env=how.env, log=said, descriptors=[theirs.fileno()]
                )
        except BaseException:
            ours.close()
            raise
        ours.setblocking(False)
        return Zygote(process, ours)

    def _watch(self, key: Key, zygote: Zygote) -> None:
        task = asyncio.create_task(self._see_it_end(key, zygote))
        self._watches[task] = zygote
        task.add_done_callback(self._watches.pop)

    async def _see_it_end(self, key: Key, zygote: Zygote) -> None:
        """Start another when one ends that was good and is still wanted."""
        await zygote.process.wait()
        lived = since_boot() - zygote.process.birth
        zygote.process.close()
        zygote.close()
        if lived < QUICK or _changed(key.python) != key.changed:
            return
        place = self._places.get(key)
        if place is not None and _there(place) is zygote:
            log.warning("zygote %s has ended: starting it again", zygote.process.pid)
            place.zygote = asyncio.create_task(self._start(key))


def _there(place: Place) -> Zygote | None:
    """Return a place's zygote, if it is ready."""
    task = place.zygote
    return task.result() if task.done() and not task.cancelled() else None


def _changed(python: Path) -> tuple[int, ...]:
    """Return when packages of an environment were last added, removed or replaced."""
    folders = sorted(python.parent.parent.glob("lib/python3*/site-packages"))
    return tuple(folder.stat().st_mtime_ns for folder in folders)


def _memory(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
