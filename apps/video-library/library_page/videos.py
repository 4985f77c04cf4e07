"""What a visitor sees who is signed in: the way to upload, the player, the shelf."""

from dataclasses import asdict

import streamlit as st

from library_page.api_client import ApiAway, NotSignedIn, Session
from library_page.component import component
from library_page.removal import ask_to_remove, removal_question
from library_page.video import Shelf, Status, Video
from library_page.visitor import api_in_browser, client

TICK = 1.0
"""Seconds between two looks at what is under way."""

_LIVE = "live"
_CHOSEN = "v"
"""The part of the address that says which video plays."""


def videos(session: Session) -> None:
    """Show the visitor's videos; while one of them is under way, again and again."""
    is_live = st.session_state.get(_LIVE, False)

    @st.fragment(run_every=TICK if is_live else None)
    def part() -> None:
        try:
            with client() as api:
                shelf = api.shelf()
        except (ApiAway, NotSignedIn):
            st.rerun()  # the whole page says so
        _uploader(session, shelf)
        _player(shelf)
        _shelf(session, shelf)
        st.session_state[_LIVE] = any(each.is_under_way for each in shelf.videos)
        if st.session_state[_LIVE] != is_live:
            st.rerun()

    part()


def _uploader(session: Session, shelf: Shelf) -> None:
    data = {
        "api": api_in_browser(),
        "csrf": session.csrf_token,
        "used": shelf.used,
        "quota": shelf.quota,
        "largest": shelf.largest,
    }
    # It says when an upload begins or ends: a reason to run, and to look anew.
    component("uploader")(key="uploader", data=data, on_changed_change=lambda: None)


def _player(shelf: Shelf) -> None:
    video = _chosen(shelf)
    if video is None:
        return

    def close() -> None:
        st.query_params.pop(_CHOSEN, None)

    source = f"{api_in_browser()}/stream/{video.id}"
    data = {"source": source, "title": video.title}
    component("player")(key="player", data=data, on_close_change=close)


def _shelf(session: Session, shelf: Shelf) -> None:
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
        "videos": [asdict(each) for each in shelf.videos],
    }
    component("shelf")(key="shelf", data=data, on_open_change=opened, on_remove_change=removal)
    removal_question(session, shelf)


def _chosen(shelf: Shelf) -> Video | None:
    """Return the video that plays: the one of the address, if it is there and ready."""
    wanted = st.query_params.get(_CHOSEN)
    ready = (each for each in shelf.videos if each.status is Status.READY)
    return next((each for each in ready if each.id == wanted), None)
