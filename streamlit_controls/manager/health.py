"""Whether an instance answers: at its start, and from then on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from streamlit_controls.core.unit import Kind, Unit
from streamlit_controls.manager.http import request

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
"""Seconds between tries while nothing listens: only programs that bind their port themselves."""

START_PATIENCE = 60.0
SCRIPT_PATIENCE = 45.0
"""Seconds for one answer while it starts; where the socket is ours, the first try waits for it."""

INTERVAL = 10.0
PATIENCE = 5.0
TRIES = 3
"""Seconds between checks, seconds for one answer, misses in a row that are too many."""

SCRIPT_HEALTH = "/_stcore/script-health-check"


@dataclass(frozen=True)
class Target:
    """Where and what to ask an instance."""

    unit: Unit
    instance: str
    port: int
    admin: Path
    """The gateway's admin socket."""

    @property
    def address(self) -> int | Path:
        return self.admin if self.unit.kind is Kind.GATEWAY else self.port

    @property
    def path(self) -> str:
        if self.unit.kind is Kind.GATEWAY:
            return "/config/admin"
        if self.unit.kind is Kind.STREAMLIT:
            return self.unit.base_path(self.instance) + self.unit.health
        return self.unit.health

    async def check(self, patience: float) -> bool:
        """Tell whether it answers as one that is well."""
        try:
            answer = await request(self.address, self.path, timeout=patience)
        except (OSError, TimeoutError):
            return False
        strict = self.unit.kind is Kind.STREAMLIT
        return answer.status == 200 if strict else answer.status < 500

    async def answers(self) -> None:
        """Return once it is well; whoever waits decides how long that may take."""
        pause = FIRST_PAUSE
        while not await self.check(START_PATIENCE):
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    async def script_fails(self) -> bool:
        """Run the app's script once, as Streamlit's own health check does; tell whether it fails.

        A script that takes long, or a release that cannot tell, is no failure. One that takes
        its process down with it has no answer: that is for whoever sees the process end.
        """
        if self.unit.kind is not Kind.STREAMLIT:
            return False
        path = self.unit.base_path(self.instance) + SCRIPT_HEALTH
        while True:
            await self.answers()
            try:
                answer = await request(self.address, path, timeout=SCRIPT_PATIENCE)
            except TimeoutError:
                return False
            except OSError:
                await asyncio.sleep(FIRST_PAUSE)
                continue
            return answer.status == 503 and answer.body == "error"

    async def watch(
        self,
        interval: float,
        unhealthy: Callable[[str], None],
        may_ask: Callable[[], bool] = lambda: True,
    ) -> None:
        """Check again and again; tell when it has not answered several times in a row.

        `may_ask` tells whether to ask just now: what is going to sleep, a check would wake.
        """
        misses = 0
        while True:
            await asyncio.sleep(interval)
            if may_ask():
                misses = 0 if await self.check(PATIENCE) else misses + 1
            if misses >= TRIES:
                unhealthy(f"did not answer {TRIES} health checks in a row")
                return
