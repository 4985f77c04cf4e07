"""Who is here: the visitors of all tabs, as the app is told of them."""

import functools
import logging
import threading

from streamlit_kit import Session

log = logging.getLogger(__name__)


class Audience:
    """Counts visitors. Callbacks come from other threads than the page."""

    def __init__(self) -> None:
        self._sessions: set[str] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def enter(self, session: Session) -> None:
        with self._lock:
            self._sessions.add(session.id)
        log.info("visitor %s is here", session.id)

    def leave(self, session: Session) -> None:
        with self._lock:
            self._sessions.discard(session.id)
        log.info("visitor %s has left: unfinished tasks are cancelled", session.id)


@functools.cache
def audience() -> Audience:
    """Return the one audience of this process."""
    return Audience()
