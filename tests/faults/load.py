"""Load on a site: open tabs that rerun, requests again and again, and a count of what was lost."""

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from tests.faults.asking import Wire
from tests.faults.report import Failure, Report
from tests.faults.tab import Tab, Wrong
from tests.faults.waiting import until

RATE = 50.0
"""Requests per second, all paths together."""

KEPT = 4
"""Connections that are kept open; every other request goes over one of them."""

IN_FLIGHT = 1000
"""Requests that may be under way at once; one more counts as failed."""

PATIENCE = 60.0
"""Seconds for one answer."""

AT_ONCE = 20
"""Tabs that are opened at the same time."""


class Load:
    """Holds tabs open and asks for paths, from its entry to its exit.

    `tabs` is how many tabs to open, by app; each reruns every `interval` seconds. `paths` are asked
    for in turn, `rate` times a second; redirects are followed.
    """

    def __init__(
        self,
        url: str,
        tabs: Mapping[str, int],
        paths: Sequence[str] = (),
        *,
        interval: float = 0.5,
        rate: float = RATE,
    ) -> None:
        self.tabs: list[Tab] = []
        """Those that are open."""
        self._url = url
        self._wanted = tabs
        self._paths = paths
        self._interval = interval
        self._rate = rate
        self._closed: list[Tab] = []
        self._at: dict[Tab, asyncio.Task[None]] = {}
        self._asking: set[asyncio.Task[None]] = set()
        self._kept: asyncio.Queue[Wire] = asyncio.Queue()
        self._answered: dict[str, int] = dict.fromkeys(paths, 0)
        self._slowest = (0.0, "")
        self._failed: list[Failure] = []
        self._turns: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            for app, count in self._wanted.items():
                await self.open(app, count)
            for _ in range(KEPT):
                self._kept.put_nowait(Wire(self._url))
            self._turns = asyncio.create_task(self._ask_in_turn())
            await self._goes_on()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                await self._goes_on()
                await self._ask_no_more()
        finally:
            await self._end()

    def report(self) -> Report:
        """Return what was seen so far."""
        tabs = [*self.tabs, *self._closed]
        return Report(
            requests=sum(self._answered.values()) + len(self._failed),
            failed=tuple(self._failed),
            under_way=len(self._asking),
            slowest=self._slowest[0],
            slowest_path=self._slowest[1],
            tabs=len(tabs),
            runs=sum(tab.runs for tab in tabs),
            slowest_run=max((tab.slowest for tab in tabs), default=0.0),
            breaks=tuple(each for tab in tabs for each in tab.breaks),
            wrong=tuple(f"{tab.app}: {tab.wrong}" for tab in tabs if tab.wrong),
        )

    def of(self, app: str) -> list[Tab]:
        """Return the open tabs of an app."""
        return [tab for tab in self.tabs if tab.app == app]

    async def open(self, app: str, count: int = 1) -> list[Tab]:
        """Open tabs of an app, each with a first run; return them."""
        opened = [Tab(f"{self._url}app/{app}/", app) for _ in range(count)]
        places = asyncio.Semaphore(AT_ONCE)

        async def one(tab: Tab) -> None:
            async with places:
                await tab.open()

        async with asyncio.TaskGroup() as group:
            for tab in opened:
                group.create_task(one(tab))
        for tab in opened:
            self.tabs.append(tab)
            self._at[tab] = asyncio.create_task(self._use(tab))
        return opened

    async def close(self, tabs: Sequence[Tab]) -> None:
        """Close tabs; what befell them stays in the report."""
        tasks = [self._at.pop(tab) for tab in tabs]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(tab.close() for tab in tabs))
        for tab in tabs:
            self.tabs.remove(tab)
            self._closed.append(tab)

    async def until(self, look: Callable[[Report], bool], what: str) -> None:
        """Wait until something is true of the report."""
        await until(lambda: look(self.report()), what)

    async def _goes_on(self) -> None:
        """Wait until each tab has run, and each path was answered, once more from now on."""
        runs = {tab: tab.runs for tab in self.tabs}
        answered = dict(self._answered)
        await until(
            lambda: (
                all(tab.runs > before or tab.wrong for tab, before in runs.items())
                and all(self._answered[path] > before for path, before in answered.items())
            ),
            "another run of each tab and an answer for each path",
            PATIENCE,
        )

    async def _use(self, tab: Tab) -> None:
        try:
            while True:
                await tab.idle(self._interval)
                await tab.rerun()
        except Wrong as error:
            tab.wrong = str(error)

    async def _ask_in_turn(self) -> None:
        """Ask at the wanted rate, whether answers come or not."""
        began = time.monotonic()
        for number, path in enumerate(itertools.cycle(self._paths), 1):
            keep = number // len(self._paths) % 2 == 0
            if len(self._asking) >= IN_FLIGHT:
                self._failed.append(Failure(path, time.monotonic(), 0.0, "too many under way"))
            else:
                task = asyncio.create_task(self._ask(path, keep=keep))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            await asyncio.sleep(max(0.0, began + number / self._rate - time.monotonic()))

    async def _ask(self, path: str, *, keep: bool) -> None:
        began = time.monotonic()
        keep = keep and not self._kept.empty()
        wire = self._kept.get_nowait() if keep else Wire(self._url)
        why, cut_off = None, False
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await wire.follow(path, Accept="text/html" if path[-1] == "/" else "*/*")
            why = (
                None
                if answer.status == 200
                else f"{answer.status} at {answer.path}: {answer.body[-200:]!r}"
            )
        except (OSError, EOFError, ValueError) as error:
            wire.close()
            why, cut_off = repr(error), isinstance(error, EOFError)
        finally:
            if keep:
                self._kept.put_nowait(wire)
            else:
                wire.close()
        took = time.monotonic() - began
        if why is None:
            self._answered[path] += 1
            self._slowest = max(self._slowest, (took, path))
        else:
            self._failed.append(Failure(path, began, took, why, cut_off))

    async def _ask_no_more(self) -> None:
        """Wait until each request that is under way was answered, or has failed."""
        if self._turns is not None:
            self._turns.cancel()
        if self._asking:
            await asyncio.wait(self._asking)

    async def _end(self) -> None:
        tasks = [*self._asking, *([self._turns] if self._turns else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while not self._kept.empty():
            self._kept.get_nowait().close()
        await self.close(list(self.tabs))
        # The event loop closes what was aborted in its next turn.
        await asyncio.sleep(0)
