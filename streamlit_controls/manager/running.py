"""One instance on this machine, from its start to its end."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

from streamlit_controls.core.events import (
    Exited,
    Happening,
    Ready,
    Refused,
    Reported,
    Unhealthy,
)
from streamlit_controls.core.unit import Kind
from streamlit_controls.manager import health
from streamlit_controls.manager.leftovers import Leftovers
from streamlit_controls.manager.output import Output
from streamlit_controls.manager.process import Process, describe_exit, since_boot
from streamlit_controls.manager.reports import ReportPipe

NAP_SECONDS = 10.0
"""Seconds in which a process that is asked to sleep does so, or has found a reason not to."""

REST_SECONDS = 60.0
"""Seconds without use after which an answer is asked for less often."""

FAMILY_SECONDS = 60.0
"""Seconds between two looks at what a process has started."""

log = logging.getLogger(__name__)


class Running:
    """Watches a process, its reports and its health, and posts what becomes of it.

    `replica` is the number of the replica that it belongs to; `reports` the pipe on which it
    tells, if it has one; `post` takes the events; `binds_itself` is called when the process says
    that it wants its port for itself.
    """

    def __init__(
        self,
        replica: int,
        target: health.Target,
        process: Process,
        output: Output,
        reports: int | None,
        *,
        post: Callable[[Happening], None],
        binds_itself: Callable[[int], None],
        python: str | None = None,
        leftovers: Leftovers | None = None,
    ) -> None:
        self.target = target
        self.process = process
        self.python = python
        """The interpreter of its environment."""
        self._replica = replica
        self._output = output
        self._post = post
        self._binds_itself = binds_itself
        self._serving = asyncio.Event()
        self._refused: str | None = None
        self._napped_at = float("-inf")
        self._draining = False
        self._used_at: float | None = None
        self._script_error: str | None = None
        self._reports = ReportPipe(reports, self._heard) if reports is not None else None
        self._leftovers = leftovers or Leftovers()
        self._leftovers.hold(target.instance, process.pid)

    @property
    def descriptor(self) -> int | None:
        """The manager's end of the pipe on which it reports."""
        return self._reports.descriptor if self._reports else None

    def nap(self, *, at_once: bool) -> None:
        """Ask it to end until somebody wants it; `at_once`, even if it is in use."""
        self._napped_at = time.monotonic()
        self.process.note_family()
        self.process.tell(signal.SIGTERM if at_once else signal.SIGUSR2)

    def drain(self) -> None:
        """Ask it to end as soon as nobody is with it any more."""
        self._draining = True
        self.process.note_family()
        self.process.tell(signal.SIGUSR1)

    async def supervise(self, *, ready: bool, try_script: bool = True) -> None:
        """Look after it until its end.

        `ready` tells that it has answered already, `try_script` to run its script once before it
        counts as ready.
        """
        checks = asyncio.create_task(self._check(ready, try_script))
        notes = asyncio.create_task(self._note_family())
        code = await self.process.wait()
        checks.cancel()
        notes.cancel()
        if self._reports is not None:
            self._reports.drain()
            self._reports.close()
        self.process.close()
        try:
            await self._leftovers.end(self.target.instance)
        except Exception:
            # A boundary: of the process's own end all must hear, whatever it has left.
            log.exception("%s: what it left cannot be ended", self.target.unit.name)
        if self._refused is not None:
            self._post(Refused(self._replica, self._refused))
        reason = describe_exit(code)
        if code is not None and code > 0 and (complaint := self._output.complaint()):
            reason = f"{reason}: {complaint}"
        self._post(Exited(self._replica, self.target.instance, reason))

    async def _check(self, ready: bool, try_script: bool) -> None:
        """See it through its start, then keep an eye on it, until it hangs."""
        instance, kind = self.target.instance, self.target.unit.kind
        if not ready:
            await self.target.answers()
            if kind is Kind.ASGI and self.target.probe is None and self._reports is not None:
                await self._serving.wait()  # another process at its port may have answered
            fails = try_script and await self.target.script_fails()
            error = self._why_it_fails() if fails else None
            self._post(Ready(self._replica, instance, error))
        reason = await self.target.watch(self.process.doing, self._may_ask, self._at_rest)
        if kind in {Kind.STREAMLIT, Kind.ASGI}:
            await self.process.show_trace()
        self._post(Unhealthy(self._replica, instance, reason))

    async def _note_family(self) -> None:
        """Remember whom it has started, in case it ends without a word."""
        while True:
            await asyncio.sleep(FAMILY_SECONDS)
            self.process.note_family()

    def _may_ask(self) -> bool:
        """Tell whether to ask just now whether it is well.

        What is about to sleep, that would wake; what ends does not answer any more; and where its
        successor has the same socket, that would answer in its place.
        """
        if self.process.ending or (self._draining and self.target.unit.shares_socket):
            return False
        return time.monotonic() > self._napped_at + NAP_SECONDS

    def _at_rest(self) -> bool:
        """Tell whether it runs, as event loops do all the time, and nobody uses it, as it tells."""
        runs = self.process.has_run()
        used_at = self._used_at
        return runs and used_at is not None and since_boot() - used_at > REST_SECONDS

    def _why_it_fails(self) -> str:
        """Return why the script fails: as it told, else as its log says."""
        if self._reports is not None:
            self._reports.drain()
        return self._script_error or self._output.complaint() or "its script fails"

    def _heard(self, values: Mapping[str, Any]) -> None:
        if values.get("serving"):
            self._serving.set()
        if values.get("binds_itself"):
            self._binds_itself(self.target.port)
        refused, error = values.get("refused"), values.get("error")
        if isinstance(refused, str):
            self._refused = refused
        self._script_error = error if isinstance(error, str) else None
        used_at, busy = values.get("used_at"), values.get("busy")
        self._used_at = used_at if isinstance(used_at, float) and not busy else None
        if values.keys() & {"sessions", "used_at", "binds_itself"}:
            self._post(Reported(self._replica, self.target.instance, values))
