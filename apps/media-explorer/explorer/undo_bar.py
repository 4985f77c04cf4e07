"""The bar that offers to take back what was just done; it stays until it is used or closed."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from explorer.change import want
from explorer.gallery import Gallery
from explorer.opened import open_picture, opened_picture
from explorer.wording import plain

_KEY = "undo"


@dataclass(frozen=True)
class Undoable:
    """A file that went to the trash, or without `trash_id` one that is no favourite any more."""

    source: str
    name: str
    trash_id: str | None = None


def offer_undo(done: Undoable) -> None:
    st.session_state[_KEY] = done


def forget_undo() -> None:
    st.session_state.pop(_KEY, None)


def undo_is_offered() -> bool:
    return _KEY in st.session_state


def undo_bar() -> None:
    """Show the offer, if there is one."""
    done: Undoable | None = st.session_state.get(_KEY)
    if done is None:
        return
    icon, happened = ":material/delete:", "was moved to the trash"
    if done.trash_id is None:
        icon, happened = ":material/star:", "is no longer a favourite"
    with st.container(key="undo_bar", horizontal=True, border=True, vertical_alignment="center"):
        st.markdown(f"{icon} “{plain(done.name)}” {happened}.", width="stretch")
        st.button(
            "Undo",
            key="undo_button",
            icon=":material/undo:",
            type="primary",
            on_click=want,
            args=("Bringing it back…", partial(_undo, done)),
        )
        st.button(
            "Dismiss",
            key="undo_dismiss",
            icon=":material/close:",
            type="tertiary",
            on_click=forget_undo,
        )


def _undo(done: Undoable, gallery: Gallery) -> None:
    if done.trash_id is None:
        gallery.favourite(done.source, done.name)
    else:
        gallery.restore(done.source, done.trash_id)
    forget_undo()
    if opened_picture() is not None:
        open_picture(done.name)
