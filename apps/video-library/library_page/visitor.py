"""The visitor of this run: whose cookie the browser sent, and where its API is."""

import streamlit as st

from library_page.addresses import api_url, browser_url
from library_page.api_client import COOKIE, ApiClient, Session

_KNOWN = "session"


def client() -> ApiClient:
    """Return a client of the API that speaks for the visitor."""
    return ApiClient(api_url(), st.context.cookies.get(COOKIE))


def session() -> Session:
    """Return the visitor's session, for which the API is asked once; raise ApiProblem."""
    token = st.context.cookies.get(COOKIE)
    known: tuple[str | None, Session] | None = st.session_state.get(_KNOWN)
    if known is None or known[0] != token:
        with client() as api:
            known = token, api.session()
        st.session_state[_KNOWN] = known
    return known[1]


def forget_session() -> None:
    """Have the API asked again who the visitor is."""
    st.session_state.pop(_KNOWN, None)


def api_in_browser() -> str:
    """Return the API's address for the visitor's browser."""
    return browser_url(st.context.url or "http://127.0.0.1:8501/")
