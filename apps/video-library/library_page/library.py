"""The whole page: who is not signed in signs in, who is sees their videos."""

import streamlit as st

from library_page.api_client import ApiAway, ApiProblem, NotSignedIn
from library_page.component import component
from library_page.videos import GOES_ON, videos
from library_page.visitor import api_in_browser, session

RETRY = 2.0
"""Seconds between two tries while the API is away."""


def library() -> None:
    """Show the page as it is for this visitor."""
    st.title("🎬 Video library", anchor=False)
    try:
        visitor = session()
    except NotSignedIn:
        st.markdown("Your videos, to watch wherever you are. Nobody else sees them.")
        component("sign_in")(key="sign-in", data={"api": api_in_browser()})
    except ApiAway as away:
        _wait(str(away))
    except ApiProblem as problem:
        st.error(str(problem), icon=":material/block:")
    else:
        data = {"api": api_in_browser(), "csrf": visitor.csrf_token, "email": visitor.email}
        component("account")(key="account", data=data)
        videos(visitor)


def _wait(message: str) -> None:
    """Say what is wrong, and try again by itself until it is not any more."""
    tries = 0

    @st.fragment(run_every=RETRY)
    def wait() -> None:
        nonlocal tries
        tries += 1
        st.error(f"{message} {GOES_ON}", icon=":material/cloud_off:")
        if tries > 1 and _is_back():
            st.rerun()

    wait()


def _is_back() -> bool:
    try:
        session()
    except ApiAway:
        return False
    except ApiProblem:
        return True
    return True
