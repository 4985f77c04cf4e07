"""The monitor: watches all sessions of this process and calls those who want to be told."""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Mapping

from streamlit_kit.sessions.ledger import SessionLedger, Told
from streamlit_kit.sessions.phase import News
from streamlit_kit.sessions.registration import Callback, Registration
from streamlit_kit.sessions.session import Session
from streamlit_kit.tasks.context import TaskContext
from streamlit_kit.tasks.pool import TaskPool

TICK = 0.05
"""Seconds between two looks at all sessions, at least: many heartbeats are one look."""

_AT_REST = 3_600.0
"""Seconds after which the thread looks around, at the latest: no wait is for ever."""

_log = logging.getLogger(__name__)


class SessionMonitor:
    """Has one thread that waits for what time brings, and a few that run callbacks.

    Those of one registration run one after the other; whatever one of them does (raise, take its
    time) is no other's concern.
    """

    def __init__(
        self,
        *,
        settle: float,
        callback_threads: int = 8,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """A tab that has not told within `settle` seconds whether it was there before, was not."""
        self._clock = clock
        self._callbacks = TaskPool(callback_threads, max_running=1, max_kept=0)
        self._changed = threading.Condition()  # its lock guards all that follows
        self._ledger = SessionLedger(settle=settle)
        self._registrations: dict[Session, dict[Hashable, Registration]] = {}
        self._when_over: dict[Session, set[Callable[[Session], object]]] = {}
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        """Return how many sessions are not over."""
        return len(self._ledger)

    def knows(self, session: Session) -> bool:
        """Whether a session has begun and is not over."""
        with self._changed:
            return session in self._ledger

    def by_token(self, token: str) -> Session | None:
        """Return the session, not yet over, whose tab knows this."""
        with self._changed:
            return self._ledger.by_token(token)

    def connect(self, session: Session, connection: Hashable, grace: float) -> None:
        """Take note of a session's connection; the first one makes it begin."""
        with self._changed:
            self._ensure_thread()
            self._ledger.connect(session, connection, grace, self._clock())
            self._changed.notify()

    def give_grace(self, session: Session, grace: float) -> None:
        """Have a session be away for so many seconds before it is over."""
        with self._changed:
            self._ledger.give_grace(session, grace)

    def disconnect(self, session: Session, connection: Hashable) -> None:
        """Take note that a connection has ended; the session may come back."""
        with self._changed:
            self._ledger.disconnect(session, connection, self._clock())
            self._changed.notify()

    def settle(self, session: Session) -> None:
        """Take note that a session's tab told that it is a new one."""
        with self._changed:
            self._tell(self._ledger.settle(session, self._clock()))
            self._changed.notify()

    def resume(self, newer: Session, older: Session, connection: Hashable, grace: float) -> bool:
        """Have a tab be the session that it was before; return False if that is over by now."""
        with self._changed:
            if older not in self._ledger:
                return False
            self._ledger.connect(older, connection, grace, self._clock())
            self._tell(self._ledger.surrender(newer, self._clock()))
            self._changed.notify()
            return True

    def touch(self, session: Session) -> None:
        """Take note that somebody acts for a session, which is not over as long as that is so."""
        with self._changed:
            self._ledger.touch(session, self._clock())

    def register(
        self,
        session: Session,
        key: Hashable,
        callbacks: Mapping[News, Callback | None],
        heartbeat: float,
    ) -> None:
        """Have callbacks called for a session; only the first ones of a key count."""
        with self._changed:
            if session not in self._ledger:
                return  # it is over
            own = self._registrations.setdefault(session, {})
            if key in own:
                return
            registration = own[key] = Registration(session, dict(callbacks), heartbeat)
            if self._ledger.is_present(session):
                self._start(registration)
                self._changed.notify()

    def when_over(self, session: Session, call: Callable[[Session], object]) -> None:
        """Have something quick, which cannot fail, be called once the session is over."""
        with self._changed:
            if session in self._ledger:
                self._when_over.setdefault(session, set()).add(call)

    def _ensure_thread(self) -> None:
        if self._thread is None:
            name = "streamlit-kit-sessions"
            thread = threading.Thread(target=self._watch, name=name, daemon=True)
            thread.start()
            self._thread = thread

    def _watch(self) -> None:
        with self._changed:
            while True:
                self._changed.wait(self._look())

    def _look(self) -> float:
        """Do what time brings; return after how many seconds there may be more."""
        try:
            now = self._clock()
            self._tell(self._ledger.due(now))
            self._beat(now)
            due = self._next_due()
        except Exception:  # noqa: BLE001  (the outermost boundary of a thread)
            _log.exception("watching the sessions failed")
            return 1.0
        left = _AT_REST if due is None else due - self._clock()
        return min(max(left, TICK), _AT_REST)

    def _next_due(self) -> float | None:
        beats = [each.next_beat for own in self._registrations.values() for each in own.values()]
        due = [*beats, self._ledger.next_due()]
        return min((each for each in due if each is not None and each < float("inf")), default=None)

    def _tell(self, told: Told) -> None:
        for session, news in told:
            own = self._registrations.get(session, {}).values()
            for registration in own:
                if news is News.START:
                    self._start(registration)
                elif news is News.END:
                    self._call(registration, news)
            if session not in self._ledger:
                self._registrations.pop(session, None)
                for call in self._when_over.pop(session, ()):
                    call(session)

    def _start(self, registration: Registration) -> None:
        self._call(registration, News.START)
        if registration.wants_beats:
            registration.next_beat = self._clock() + registration.heartbeat

    def _beat(self, now: float) -> None:
        for own in self._registrations.values():
            for each in own.values():
                if each.next_beat <= now:
                    # Late ones are left out rather than made up for.
                    each.next_beat = now + each.heartbeat
                    if self._ledger.is_present(each.session) and not each.is_beating:
                        self._call(each, News.HEARTBEAT)

    def _call(self, registration: Registration, news: News) -> None:
        callback = registration.callbacks[news]
        if callback is None:
            return
        session = registration.session

        def call(_context: TaskContext) -> None:
            callback(session)

        name = f"on_{news} of session {session.id}"
        try:
            handle = self._callbacks.place(registration, name, call)
        except RuntimeError:
            _log.exception("no thread can be started for %s", name)
            return
        if news is News.HEARTBEAT:
            registration.running_beat = handle
