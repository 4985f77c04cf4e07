"""What the manager tells on its control port, and when."""

import asyncio
import json
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from streamlit_controls.core import protocol
from tests.faults.waiting import PATIENCE
from tests.journeys.project import SampleProject

Document = dict[str, Any]

LONGEST_LINE = 1 << 24


class Watch:
    """Follows a project's status from its entry to its exit; it costs the manager nothing."""

    def __init__(self, project: SampleProject) -> None:
        self._project = project
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.seen: list[tuple[float, Document]] = []
        """Each status, with when it came, on the clock of `time.monotonic`."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        await self.until(bool, "the first status", 0.0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    @property
    def last(self) -> Document:
        """The newest status."""
        return self.seen[-1][1]

    async def until(
        self, look: Callable[[Document], bool], what: str, since: float | None = None
    ) -> float:
        """Return when the first status came, of those from `since` on, of which `look` is true.

        `since` is now, where it is not told; what came before counts as it is then.
        """
        since = time.monotonic() if since is None else since
        place = next((i for i, (at, _) in enumerate(self.seen) if at >= since), len(self.seen))
        place = max(0, place - 1)
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for at, document in self.seen[place:]:
                        if look(document):
                            return at
                    place = len(self.seen)
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not happen within {PATIENCE:.0f} s") from None

    async def _follow(self) -> None:
        """Read status after status; where the manager goes, ask its successor."""
        while True:
            try:
                await self._read()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.02)

    async def _read(self) -> None:
        token = (self._project.root / ".state/run/token").read_text().strip()
        port = self._project.port + 1
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LONGEST_LINE)
        try:
            writer.write(protocol.encode(protocol.request(token, "watch", {})))
            while True:
                line = json.loads(await reader.readuntil(b"\n"))
                self.seen.append((time.monotonic(), line["snapshot"]))
                self._changed.set()
        finally:
            writer.transport.abort()
