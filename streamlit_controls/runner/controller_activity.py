"""Knows when this process was last used, and whether it is at the moment."""

from __future__ import annotations

import time
from typing import Any

from controller_report import Report

PROBES = (
    "/_stcore/health",
    "/_stcore/script-health-check",
    "/_stcore/metrics",
    "/healthz",
    "/metrics",
)
"""Ends of addresses at which machines ask again and again: that is no use."""

PROBER = b"streamlit-controller"
"""What the manager calls itself when it looks whether the process is well."""

DELAY = 1.0
"""Seconds within which use is told: exact enough, and no burden for whoever hears it."""


HEARING = 0.5
"""Seconds within which the manager has heard of who came or went."""


class Activity:
    """Notes each use of the process, by requests or by the doings of a page's visitor.

    Times are whole seconds since boot, so that a busy process has one thing to tell a second.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._going_on = 0
        self._used_at = 0.0
        self.note()

    def note(self) -> None:
        """Note that it is used now."""
        now, busy = float(int(time.clock_gettime(time.CLOCK_BOOTTIME))), bool(self._going_on)
        known = self._report.values
        self._used_at = now
        if (known.get("used_at"), known.get("busy")) != (now, busy):
            self._report.update(DELAY, used_at=now, busy=busy)

    def begin(self) -> None:
        """Note that a use begins, which lasts until `end`."""
        self._going_on += 1
        self.note()

    def end(self) -> None:
        """Note that a use has ended."""
        self._going_on -= 1
        self.note()

    def tell(self) -> None:
        """Tell the manager at once."""
        self._report.update(used_at=self._used_at, busy=bool(self._going_on))
        self._report.flush()

    def stay(self) -> None:
        """Tell the manager that there is no sleep now, and why: the last use was later."""
        self._report.update(stays=self._report.values.get("stays", 0) + 1)
        self.tell()

    def rest(self) -> None:
        """Tell of no use any more: connections that the process's end closes are none."""
        self._report.silence()

    def is_quiet(self) -> bool:
        """Tell whether nobody uses it at the moment."""
        return not self._going_on

    def is_news(self) -> bool:
        """Tell whether it was used, or somebody came, of which the manager may not know yet."""
        now, told = self._report.values, self._report.told
        if self._going_on or time.monotonic() - self._report.crowd_told_at < HEARING:
            return True
        return any(now.get(name) != told.get(name) for name in ("used_at", "sessions"))


class Watched:
    """The ASGI app around another one: each request, and each websocket, is a use of it."""

    def __init__(self, app: Any, activity: Activity) -> None:
        self._app = app
        self._activity = activity

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket") or is_probe(scope):
            await self._app(scope, receive, send)
            return
        self._activity.begin()
        try:
            await self._app(scope, receive, send)
        finally:
            self._activity.end()


def is_probe(scope: Any) -> bool:
    """Tell whether a request only asks how the process is doing."""
    if scope["type"] != "http":
        return False
    return scope["path"].endswith(PROBES) or (b"user-agent", PROBER) in scope["headers"]
