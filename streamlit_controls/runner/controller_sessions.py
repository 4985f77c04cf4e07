"""Streamlit's ASGI app as hosting sees it: its sessions, their runs, its address."""

from __future__ import annotations

import logging
import os
import re
import time
import traceback
from typing import Any

from controller_activity import Activity, is_probe
from controller_report import Report

STREAM = "/_stcore/stream"
GRACE = 5.0
"""Seconds for which a visitor who lost the connection is expected back."""

SMALL = 512
"""Bytes of a message above which it is not looked into: the one that ends a run is tiny."""


class Sessions:
    """The ASGI app around Streamlit's: counts sessions and runs, and knows its address.

    A request for an instance that is gone comes here when this one has taken its place: it is
    answered as if it were for this one, so that an open tab lives on.
    """

    def __init__(self, app: Any, base_path: str, report: Report, activity: Activity) -> None:
        self._app = app
        self._report = report
        self._activity = activity
        self._open = 0
        self._left_at = float("-inf")
        self._runs = 0
        self._errors = 0
        self._failed_at = 0.0
        self._base = base_path
        app_path = base_path.rpartition("/~")[0]
        self._others = re.compile(f"^{re.escape(app_path)}/~[^/]+(?=/|$)")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or is_probe(scope):
            await self._app(self._addressed(scope), receive, send)
        elif scope["type"] == "websocket" and scope["path"].endswith(STREAM):
            await self._session(self._addressed(scope), receive, send)
        else:
            self._activity.begin()
            try:
                await self._app(self._addressed(scope), receive, send)
            finally:
                self._activity.end()

    def are_gone(self) -> bool:
        """Tell whether nobody is here, or was a moment ago."""
        left = time.monotonic() - self._left_at
        return not self._open and self._activity.is_quiet() and left >= GRACE

    def failed(self, error: BaseException) -> None:
        """Note that a run of the script raised; Streamlit shows it as it always does."""
        self._failed_at = time.monotonic()
        self._errors += 1
        self._report.update(errors=self._errors, error=summary(error))
        self._report.flush()  # the answer to a health check must not overtake it

    def _addressed(self, scope: Any) -> Any:
        if scope["type"] == "lifespan" or scope["path"].startswith(self._base + "/"):
            return scope
        own = self._others.sub(self._base, scope["path"], count=1)
        return {**scope, "path": own, "raw_path": own.encode()}

    async def _session(self, scope: Any, receive: Any, send: Any) -> None:
        session = Session(self._activity)

        async def received() -> Any:
            message = await receive()
            if message["type"] == "websocket.receive":
                session.asks(message.get("bytes"))
            return message

        async def sent(message: Any) -> None:
            await send(message)
            took = session.hears(message.get("bytes"))
            if took is not None:
                self._finished(took)

        self._count(1)
        try:
            await self._app(scope, received, sent)
        finally:
            session.close()
            self._count(-1)

    def _count(self, change: int) -> None:
        self._open += change
        if change < 0:
            self._left_at = time.monotonic()
        self._activity.note()
        self._report.update(sessions=self._open)

    def _finished(self, took: float) -> None:
        self._runs += 1
        self._report.update(runs=self._runs, run_seconds=round(took, 4))
        if time.monotonic() - took > self._failed_at:
            self._report.update(error=None)


class Session:
    """One visitor's websocket: when a run was asked for, and when it was over."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._asked_at: float | None = None
        self._busy = False

    def asks(self, data: bytes | None) -> None:
        """Take a message of the visitor's; what a page repeats by itself is not their doing."""
        from streamlit.proto.BackMsg_pb2 import BackMsg

        if self._asked_at is None:
            self._asked_at = time.monotonic()
        message = BackMsg.FromString(data or b"")
        if message.WhichOneof("type") != "rerun_script":
            return
        if getattr(message.rerun_script, "is_auto_rerun", False):
            return
        if self._busy:
            self._activity.note()
        else:
            self._busy = True
            self._activity.begin()

    def hears(self, data: bytes | None) -> float | None:
        """Take a message to the visitor; return the seconds a run took if this ends it."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        if not data or len(data) > SMALL:
            return None
        if ForwardMsg.FromString(data).WhichOneof("type") != "script_finished":
            return None
        asked_at, self._asked_at = self._asked_at, None
        self.close()
        return time.monotonic() - (asked_at or time.monotonic())

    def close(self) -> None:
        """Note that nothing runs for the visitor any more."""
        if self._busy:
            self._busy = False
            self._activity.end()


class UncaughtErrors(logging.Handler):
    """Hears of each script run that raised.

    Streamlit's `on_script_error` is not told of syntax errors nor of the health check's own run;
    its log is told of all.
    """

    def __init__(self, sessions: Sessions) -> None:
        super().__init__()
        self._sessions = sessions

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self._sessions.failed(record.exc_info[1])


def summary(error: BaseException) -> str:
    """Return an error as a traceback's last line, with the place where it was raised."""
    if isinstance(error, SyntaxError):
        place = f"{os.path.basename(error.filename or '')}, line {error.lineno}"
        return f"{type(error).__name__}: {error.msg} ({place})"
    lines = traceback.format_exception_only(type(error), error)
    last = "".join(lines).strip().splitlines()[-1][:500]
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    if not own:
        return last
    return f"{last} ({os.path.basename(own[-1].filename)}, line {own[-1].lineno})"
