"""The ledger of sessions: who is there, who may be gone, and who is gone for good."""

from collections.abc import Hashable
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
        if self._phase(session) in {Phase.ARRIVING, Phase.PRESENT}:
            return [self._step(session, Step.YIELD, now)]
        return []

    def due(self, now: float) -> Told:
        """Return what comes of mere time having passed."""
        late = [
            (session, Step.SETTLE if entry.phase is Phase.ARRIVING else Step.EXPIRE)
            for session, entry in self._entries.items()
            if (end := self._deadline(entry)) is not None and end <= now
        ]
        return [self._step(session, step, now) for session, step in late]

    def next_due(self) -> float | None:
        """Return when `due` will have something, if nothing else happens."""
        ends = map(self._deadline, self._entries.values())
        return min((end for end in ends if end is not None), default=None)

    def _phase(self, session: Session) -> Phase:
        entry = self._entries.get(session)
        return Phase.OVER if entry is None else entry.phase

    def _deadline(self, entry: _Entry) -> float | None:
        match entry.phase:
            case Phase.ARRIVING:
                return entry.since + self._settle
            case Phase.LOST | Phase.AWAY:
                return entry.since + entry.grace
        return None

    def _step(self, session: Session, step: Step, now: float) -> tuple[Session, News | None]:
        entry = self._entries[session]
        entry.phase, news = after(entry.phase, step)
        entry.since = now
        if entry.phase is Phase.OVER:
            del self._entries[session], self._by_token[session.token]
        return session, news
