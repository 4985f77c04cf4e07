"""The full-size view: a dialog over the grid, with what can be done to the picture."""

import streamlit as st

from explorer.change import make_change
from explorer.gallery import Gallery, GalleryError, Listing, Place
from explorer.opened import close_picture, open_picture, opened_picture
from explorer.picture_changes import delete_button, favourite_button
from explorer.picture_frame import picture_frame
from explorer.undo_bar import undo_bar, undo_is_offered
from explorer.wording import plain


def picture_view(gallery: Gallery, source: str, listing: Listing, *, allow_changes: bool) -> None:
    """Show the picture that the URL names, if it names one."""
    if opened_picture() is not None:
        dialog = st.dialog(plain(source), width="large", on_dismiss=close_picture)
        dialog(_view)(gallery, source, listing, allow_changes)


def _view(gallery: Gallery, source: str, listing: Listing, allow_changes: bool) -> None:
    make_change(gallery)
    name = opened_picture()
    if name is None:  # the last one was deleted
        st.rerun()
    undo_bar()
    try:
        place = gallery.place(source, name, listing)
    except GalleryError as error:
        st.warning(plain(error.message), icon=":material/image_not_supported:")
        return
    with st.spinner("Opening…"):
        full = gallery.full(source, place.item)
    if full is None:
        st.info("This file is too large to be shown here.", icon=":material/hide_image:")
    else:
        picture_frame(gallery, source, place.item, full, crowded=undo_is_offered())
    with st.container(horizontal=True, vertical_alignment="center"):
        _steps(place)
        st.space("stretch")
        if allow_changes:
            favourite_button(source, place, listing)
            if place.item.url is None:  # a link is the configuration's, there is no file to delete
                delete_button(source, place)
        if full is not None and not full.startswith("data:"):
            st.link_button("Original", full, icon=":material/open_in_new:", type="tertiary")


def _steps(place: Place) -> None:
    st.button(
        "Previous",
        key="previous",
        icon=":material/chevron_left:",
        shortcut="Left",
        disabled=place.previous is None,
        on_click=open_picture,
        args=(place.previous,),
    )
    st.button(
        "Next",
        key="next",
        icon=":material/chevron_right:",
        icon_position="right",
        shortcut="Right",
        disabled=place.next is None,
        on_click=open_picture,
        args=(place.next,),
    )
    st.caption(f"{place.position + 1:,} of {place.total:,}", width="content")
