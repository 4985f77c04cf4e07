"""The ledger of sessions: who is there, who may be gone, and who is gone for good."""

import bisect
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from streamlit_kit.sessions.phase import News, Phase, Step, after
from streamlit_kit.sessions.session import Session

Told = list[tuple[Session, News | None]]
"""What came of something: sessions with what others are told of them, None if nothing is told."""


@dataclass
class _Entry:
    phase: Phase
    since: float
    grace: float
    connections: set[Hashable] = field(default_factory=set)


class SessionLedger:
    """Keeps sessions by phase. No threads and no clock: `now` is any time that only grows.

    A session may have several connections, as a duplicated tab has, or one whose old connection
    ends only after it has a new one. It is away when it has none.
    """

    def __init__(self, *, settle: float) -> None:
        """After `settle` seconds without a word from its tab, a session counts as a new one."""
        self._settle = settle
        self._entries: dict[Session, _Entry] = {}
        self._by_token: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, session: object) -> bool:
        return session in self._entries

    def by_token(self, token: str) -> Session | None:
        """Return the session, not yet over, whose tab knows this."""
        return self._by_token.get(token)

    def is_present(self, session: Session) -> bool:
        """Whether a session is there, and known to be a new one."""
        return self._phase(session) is Phase.PRESENT

    def connect(self, session: Session, connection: Hashable, grace: float, now: float) -> None:
        """Enter a connection; the first one of all makes the session begin."""
        entry = self._entries.get(session)
        if entry is None:
            entry = self._entries[session] = _Entry(Phase.ARRIVING, now, grace)
            self._by_token[session.token] = session
        elif not entry.connections:
            self._step(session, Step.RETURN, now)
        entry.connections.add(connection)

    def give_grace(self, session: Session, grace: float) -> None:
        """Have a session be away for so many seconds before it is over."""
        if session in self._entries:
            self._entries[session].grace = grace

    def disconnect(self, session: Session, connection: Hashable, now: float) -> None:
        """Strike a connection out; it does nothing if it is not there any more."""
        entry = self._entries.get(session)
        if entry is None or connection not in entry.connections:
            return
        entry.connections.remove(connection)
        if not entry.connections:
            self._step(session, Step.LEAVE, now)

    def settle(self, session: Session, now: float) -> Told:
        """Take note that its tab told that it is a new one."""
        if self._phase(session) is Phase.ARRIVING:
            return [self._step(session, Step.SETTLE, now)]
        return []

    def surrender(self, session: Session, now: float) -> Told:
        """Take note that its tab told that it is another one, which it is from now on."""
        return [self._step(session, Step.YIELD, now)] if session in self._entries else []

    def touch(self, session: Session, now: float) -> None:
        """Take note that somebody acts for it: if it is away, its grace time begins anew."""
        entry = self._entries.get(session)
        if entry is not None and entry.phase in {Phase.LOST, Phase.AWAY}:
            entry.since = now

    def due(self, now: float) -> Told:
        """Return what comes of mere time having passed."""
        late = [session for session, end in self._deadlines() if end <= now]
        arriving = [each for each in late if self._phase(each) is Phase.ARRIVING]
        gone = [each for each in late if self._phase(each) is not Phase.ARRIVING]
        return [
            *(self._step(each, Step.SETTLE, now) for each in arriving),
            *(self._step(each, Step.EXPIRE, now) for each in gone),
        ]

    def next_due(self) -> float | None:
        """Return when `due` will have something, if nothing else happens."""
        return min((end for _, end in self._deadlines()), default=None)

    def _phase(self, session: Session) -> Phase:
        entry = self._entries.get(session)
        return Phase.OVER if entry is None else entry.phase

    def _deadlines(self) -> Iterator[tuple[Session, float]]:
        """Yield until when sessions may stay as they are.

        Who is away may be one of those who came meanwhile and have not told yet who they are, as a
        browser does when the page's first run has ended: so the end waits until they have.
        """
        arrivals = sorted(
            entry.since for entry in self._entries.values() if entry.phase is Phase.ARRIVING
        )
        for session, entry in self._entries.items():
            if entry.phase is Phase.ARRIVING:
                yield session, entry.since + self._settle
            elif entry.phase in {Phase.LOST, Phase.AWAY}:
                end = entry.since + entry.grace
                last = bisect.bisect_right(arrivals, end)
                came_meanwhile = last and arrivals[last - 1] >= entry.since
                told_by = arrivals[last - 1] + self._settle if came_meanwhile else end
                yield session, max(end, told_by)

    def _step(self, session: Session, step: Step, now: float) -> tuple[Session, News | None]:
        entry = self._entries[session]
        entry.phase, news = after(entry.phase, step)
        entry.since = now
        if entry.phase is Phase.OVER:
            del self._entries[session], self._by_token[session.token]
        return session, news
