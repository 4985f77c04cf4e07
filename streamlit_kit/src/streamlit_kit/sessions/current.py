"""Which session a script run belongs to, by what Streamlit's public interface tells of it."""

import functools
import threading

import streamlit as st
from streamlit.errors import StreamlitAPIException

from streamlit_kit.errors import NoSession
from streamlit_kit.sessions.monitor import SessionMonitor
from streamlit_kit.sessions.session import Session
from streamlit_kit.sessions.times import grace_time, settle_time

_KEY = "streamlit_kit_session"
_lock = threading.Lock()


class Connection:
    """One connection of a browser to this process: Streamlit's cache lets it go with that."""

    def __init__(self) -> None:
        self._session: Session | None = None

    def belong_to(self, session: Session) -> None:
        """Count for a session from now on, and for no other."""
        if self._session is not session:
            self.end()
            self._session = session
            monitor().connect(session, self, grace_time())

    def resume(self, older: Session) -> bool:
        """Count for a session that was there before; return False if it is over by now."""
        newer = self._session
        if newer is None or not monitor().resume(newer, older, self, grace_time()):
            return False
        self._session = older
        return True

    def end(self) -> None:
        """Count for no session."""
        session, self._session = self._session, None
        if session is not None:
            monitor().disconnect(session, self)


def monitor() -> SessionMonitor:
    """Return the one monitor of this process.

    Not in Streamlit's cache, which everybody may clear: the sessions would go on unwatched.
    """
    with _lock:
        return _monitor()


@functools.cache
def _monitor() -> SessionMonitor:
    return SessionMonitor(settle=settle_time())


def current_session() -> Session:
    """Return the session of this script run; raises NoSession where there is none.

    Short drops and reloads of the tab do not change it (`browser_tab` sees to the latter).
    """
    session: Session | None = st.session_state.get(_KEY)
    connection = _current_connection()
    if session is None or not monitor().knows(session):
        session = st.session_state[_KEY] = Session()
    connection.belong_to(session)
    try:
        # The visitor may have left just before, and nobody would end this connection any more: a
        # run that is to stop is stopped here.
        st.session_state.get(_KEY)
    except BaseException:
        connection.end()
        raise
    return session


def owner_of_tasks() -> Session:
    """Return the session whose tasks are meant, also in a thread that only has its run's context.

    Such a thread may outlive the visit, so it makes no connection; it holds up the end, though.
    """
    session: Session | None = st.session_state.get(_KEY)
    if session is None:
        return current_session()
    monitor().touch(session)
    return session


def resume(older: Session) -> bool:
    """Go on as a session that was there before, instead of the one that this tab seemed to be.

    Return False if that one is over by now.
    """
    current_session()
    if not _current_connection().resume(older):
        return False
    st.session_state[_KEY] = older
    return True


def _current_connection() -> Connection:
    try:
        return _connection()
    except StreamlitAPIException:
        raise NoSession from None


@st.cache_resource(scope="session", show_spinner=False, on_release=Connection.end)
def _connection() -> Connection:
    return Connection()
