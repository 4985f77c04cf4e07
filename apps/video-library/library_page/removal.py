"""Deleting a video: a question first, since it cannot be undone."""

import streamlit as st

from library_page.api_client import ApiProblem, Session
from library_page.video import Shelf, Video
from library_page.visitor import client

_ASKED = "removal"


def ask_to_remove(video_id: str) -> None:
    """Have the question asked for a video."""
    st.session_state[_ASKED] = video_id


def asked_about() -> str | None:
    """Return the video about which the question is asked, if it is."""
    asked: str | None = st.session_state.get(_ASKED)
    return asked


def removal_question(session: Session, shelf: Shelf) -> None:
    """Show the question, if there is one."""
    for video in shelf.videos:
        if video.id == asked_about():
            _question(session, video)


def _forget() -> None:
    st.session_state.pop(_ASKED, None)


@st.dialog("Delete this video?", on_dismiss=_forget)
def _question(session: Session, video: Video) -> None:
    st.text(video.title)
    st.caption("It is gone for good then.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it"):
            _forget()
            st.rerun()
        if st.button("Delete", type="primary", icon=":material/delete:"):
            try:
                with client() as api:
                    api.delete(video.id, session)
            except ApiProblem as problem:
                st.error(str(problem), icon=":material/block:")
                return
            _forget()
            st.rerun()
