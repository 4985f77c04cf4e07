"""What apps use to be told of their sessions' beginnings, lives and ends."""

from collections.abc import Hashable

from streamlit_kit.sessions.browser_tab import browser_tab
from streamlit_kit.sessions.current import current_session, monitor
from streamlit_kit.sessions.phase import News
from streamlit_kit.sessions.registration import Callback
from streamlit_kit.sessions.session import Session
from streamlit_kit.sessions.times import checked

HEARTBEAT = 2.0


class SessionCallbackManager:
    """Tells an app of its sessions. Make one in each script run, outside of fragments."""

    def __init__(self, *, heartbeat: float = HEARTBEAT, grace: float | None = None) -> None:
        """`heartbeat` is in seconds, as is `grace`: the time that a session has to come back.

        Without it the variable STREAMLIT_KIT_GRACE counts, and else 10 seconds.
        """
        self._heartbeat = checked("heartbeat", heartbeat)
        self._session = current_session()
        if grace is not None:
            monitor().give_grace(self._session, checked("grace", grace))
        browser_tab()

    @property
    def session(self) -> Session:
        """The session of this script run."""
        return self._session

    def register(
        self,
        on_start: Callback | None = None,
        on_heartbeat: Callback | None = None,
        on_end: Callback | None = None,
        *,
        key: Hashable = "app",
    ) -> None:
        """Have functions called with the session; only the first call for a session and key counts.

        They run in threads of their own, in order, and never beside each other for one key.
        `on_end` comes when the session is really over: not for a short drop, not for a reload.
        """
        callbacks = {News.START: on_start, News.HEARTBEAT: on_heartbeat, News.END: on_end}
        monitor().register(self._session, key, callbacks, self._heartbeat)
