"""What a visitor sees who is signed in: the way to upload, the player, the shelf."""

from dataclasses import asdict

import streamlit as st

from library_page.api_client import ApiProblem, NotSignedIn, Session
from library_page.component import component
from library_page.removal import ask_to_remove, asked_about, removal_question
from library_page.video import Shelf, Status, Video
from library_page.visitor import api_in_browser, client, forget_session

TICK = 1.0
"""Seconds between two looks at what is under way."""
GOES_ON = "This page goes on as soon as it does."

_LIVE = "live"
_SHELF = "shelf as it was"
_CHOSEN = "v"
"""The part of the address that says which video plays."""


def videos(session: Session) -> None:
    """Show the visitor's videos; while something is under way or amiss, again and again."""
    is_live = st.session_state.get(_LIVE, False)

    @st.fragment(run_every=TICK if is_live else None)
    def part() -> None:
        problem = _look(session)
        notice = st.empty()
        if problem:
            # What was there stays, uploads with it.
            notice.error(f"{problem} {GOES_ON}", icon=":material/cloud_off:")
        shelf: Shelf | None = st.session_state.get(_SHELF, {}).get(session)
        is_uploading = False
        if shelf:
            is_uploading = _uploader(session, shelf)
            _player(shelf)
            _shelf(shelf)
        is_under_way = shelf is not None and any(each.is_under_way for each in shelf.videos)
        st.session_state[_LIVE] = bool(problem) or is_uploading or is_under_way
        if st.session_state[_LIVE] != is_live:
            st.rerun()
        # Last: a dialog of a run that is given up for another one breaks Streamlit's page.
        if shelf and not problem:
            removal_question(session, shelf)

    part()


def _look(session: Session) -> ApiProblem | None:
    """Keep what the API tells; return why it tells nothing, if so."""
    try:
        with client() as api:
            st.session_state[_SHELF] = {session: api.shelf()}
    except NotSignedIn:
        forget_session()
        st.rerun()  # the whole page says so
    except ApiProblem as problem:
        return problem
    return None


def _uploader(session: Session, shelf: Shelf) -> bool:
    """Show it; tell whether files are left that it is to send."""
    data = {
        "api": api_in_browser(),
        "csrf": session.csrf_token,
        "used": shelf.used,
        "quota": shelf.quota,
        "largest": shelf.largest,
    }
    shown = component("uploader")(key="uploader", data=data, on_left_change=lambda: None)
    return bool(shown.left)


def _player(shelf: Shelf) -> None:
    video = _chosen(shelf)
    if video is None:
        return

    def close() -> None:
        st.query_params.pop(_CHOSEN, None)

    source = f"{api_in_browser()}/stream/{video.id}"
    data = {"source": source, "title": video.title}
    component("player")(key="player", data=data, on_close_change=close)


def _shelf(shelf: Shelf) -> None:
    def opened() -> None:
        if video_id := st.session_state["shelf"].get("open"):
            st.query_params[_CHOSEN] = video_id

    def removal() -> None:
        if video_id := st.session_state["shelf"].get("remove"):
            ask_to_remove(video_id)

    if not shelf.videos:
        st.info("No videos yet. Upload the first one.", icon=":material/movie:")
        return
    chosen = _chosen(shelf)
    data = {
        "api": api_in_browser(),
        "chosen": chosen.id if chosen else None,
        "asked": asked_about(),
        "videos": [asdict(each) for each in shelf.videos],
    }
    component("shelf")(key="shelf", data=data, on_open_change=opened, on_remove_change=removal)


def _chosen(shelf: Shelf) -> Video | None:
    """Return the video that plays: the one of the address, if it is there and ready."""
    wanted = st.query_params.get(_CHOSEN)
    ready = (each for each in shelf.videos if each.status is Status.READY)
    return next((each for each in ready if each.id == wanted), None)
