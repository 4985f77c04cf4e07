"""Whether an instance answers: at its start, and from then on."""

import asyncio
import contextlib
import errno
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from streamlit_controls.core.pulse import Doing, Look, Pulse
from streamlit_controls.core.unit import Kind, Unit
from streamlit_controls.manager.http import request
from streamlit_controls.manager.probes import can_be_asked

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
"""Seconds between tries while nothing listens: only programs that bind their port themselves."""

START_PATIENCE = 60.0
SCRIPT_PATIENCE = 45.0
"""Seconds for one answer while it starts; where the socket is ours, the first try waits for it."""

INTERVAL, QUICK = 6.0, 2.0
"""Seconds between checks, and for one answer; what takes longer is looked into."""

AT_REST = 5
"""Of so many checks, one asks what nobody uses; for the others it is enough that it runs."""

LOOK = 2.0
"""Seconds between two looks at what an instance does while it does not answer."""

PATIENCE = 4.0
"""Seconds for an answer then; a second question comes after that, a third after twice that."""

OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL})
"""Why a question cannot be put, for which whoever should answer it is not to blame."""

SCRIPT_HEALTH = "/_stcore/script-health-check"

log = logging.getLogger(__name__)


class Crowd:
    """Knows how many instances are looked after, and how many of these are silent just now."""

    def __init__(self) -> None:
        self.watched = 0
        self.silent = 0

    @property
    def is_silent(self) -> bool:
        """Tell whether most are, so that it can hardly be each one's own fault."""
        return self.silent > max(2, self.watched / 2)

    @contextlib.contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one that is looked after."""
        self.watched += 1
        try:
            yield
        finally:
            self.watched -= 1

    @contextlib.contextmanager
    def one_silent(self) -> Iterator[None]:
        """Count one of them that does not answer."""
        self.silent += 1
        try:
            yield
        finally:
            self.silent -= 1


@dataclass(frozen=True)
class Target:
    """Where and what to ask an instance."""

    unit: Unit
    instance: str
    port: int
    admin: Path
    """The gateway's admin socket."""
    crowd: Crowd = field(default_factory=Crowd, compare=False)
    """All that are looked after."""
    probe: Path | None = None
    """The socket of a service's process alone, where it has one: others may share its port."""

    @property
    def address(self) -> int | Path:
        if self.unit.kind is Kind.GATEWAY:
            return self.admin
        # Its name may have been taken away, for which whoever listens there is not to blame.
        return self.probe if self.probe and can_be_asked(self.probe) else self.port

    @property
    def path(self) -> str:
        if self.unit.kind is Kind.GATEWAY:
            return "/config/admin"
        if self.unit.kind is Kind.STREAMLIT:
            return self.unit.base_path(self.instance) + self.unit.health
        return self.unit.health

    @property
    def _blocked(self) -> str:
        """What it means to be silent and do nothing."""
        served_by_us = self.unit.kind in {Kind.STREAMLIT, Kind.ASGI, Kind.SITE}
        return "its event loop is blocked" if served_by_us else "it does nothing"

    async def check(self, patience: float) -> bool:
        """Tell whether it answers as one that is well."""
        try:
            return await self._complaint(patience) is None
        except OSError:
            return False

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
        doing: Callable[[], Doing],
        may_ask: Callable[[], bool] = lambda: True,
        at_rest: Callable[[], bool] = lambda: False,
        interval: float | None = None,
    ) -> str:
        """Check again and again; return why it is not well, once it is not any more.

        `doing` looks at what its processes do. `may_ask` tells whether to ask just now: what is
        going to sleep, a check would wake. `at_rest` tells of one that nobody uses and that runs.
        """
        spared = 0
        with self.crowd.one_more():
            while True:
                await asyncio.sleep(INTERVAL if interval is None else interval)
                spared += 1
                if not may_ask() or (at_rest() and spared < AT_REST):
                    continue
                spared = 0
                if await self.check(QUICK) or not may_ask():
                    continue
                with self.crowd.one_silent():
                    reason = await self._look_into(doing, may_ask)
                if reason is not None:
                    return reason

    async def _look_into(
        self, doing: Callable[[], Doing], may_ask: Callable[[], bool]
    ) -> str | None:
        """Ask, and look at what it does meanwhile; return why it is not well, None where it is."""
        question: asyncio.Task[str | None] | None = None
        pulse = Pulse(_now() - QUICK)
        complaint = None
        try:
            while may_ask():
                pulse = pulse.after(Look(_now(), doing(), complaint, self.crowd.is_silent))
                reason = pulse.verdict(self._blocked)
                if reason is not None:
                    return reason
                next_look = _now() + LOOK
                if question is None:
                    patience = max(PATIENCE, _now() - pulse.asked_at)
                    question = asyncio.create_task(self._complaint(patience))
                await asyncio.wait({question}, timeout=LOOK)
                complaint = None
                if not question.done():
                    continue
                with contextlib.suppress(TimeoutError):
                    complaint = question.result()
                    if complaint is None:
                        return None
                question = None
                await asyncio.sleep(next_look - _now())
        except OSError as error:
            log.warning("%s cannot be asked how it is: %s", self.unit.name, error)
        finally:
            if question is not None:
                question.cancel()
        return None

    async def _complaint(self, patience: float) -> str | None:
        """Return what is wrong with its answer, if anything.

        Raises TimeoutError on silence, and another OSError where it cannot be asked.
        """
        try:
            answer = await request(self.address, self.path, timeout=patience)
        except ConnectionRefusedError:
            return "refused connections"
        except OSError as error:
            if isinstance(error, TimeoutError) or error.errno in OURS:
                raise
            return "broke off what it was asked"
        well = answer.status == 200 if self.unit.kind is Kind.STREAMLIT else answer.status < 500
        return None if well else f"answered its health checks with {answer.status}"


def _now() -> float:
    return time.monotonic()
