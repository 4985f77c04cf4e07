"""What a person does to the media: asked for by a button, done when the page runs for it.

A callback must not draw, and a dialog's page run can be overtaken by another one: so a button only
says what is wanted, and whichever run comes next does it, visibly, and says why it cannot.
"""

from collections.abc import Callable

import streamlit as st

from explorer.gallery import Gallery, GalleryError
from explorer.wording import plain

_KEY = "wanted_change"


def want(doing: str, do: Callable[[Gallery], None]) -> None:
    """Have something done; `doing` is what is shown meanwhile."""
    st.session_state[_KEY] = doing, do


def make_change(gallery: Gallery) -> None:
    """Do what is wanted, if anything is."""
    doing, do = st.session_state.pop(_KEY, ("", None))
    if do is None:
        return
    try:
        with st.spinner(doing):
            do(gallery)
    except GalleryError as error:
        show_error(error)


def show_error(error: GalleryError) -> None:
    st.error(f"**{plain(error.message)}** {plain(error.hint)}", icon=":material/error:")
