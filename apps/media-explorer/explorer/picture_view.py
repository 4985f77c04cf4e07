"""The full-size view: a dialog over the grid. The URL's `picture` says what is open."""

from pathlib import Path

import streamlit as st

from explorer.gallery import Gallery, GalleryError, Listing, Place
from explorer.picture_grid import THUMBNAIL_WIDTH
from explorer.wording import plain, size_text

_PARAMETER = "picture"
_HERE = Path(__file__).resolve().parent

_component = st.components.v2.component(
    "media_explorer.picture_view",
    html=(
        '<figure><div class="stage"></div><figcaption><b></b><small></small></figcaption></figure>'
    ),
    css=(_HERE / "picture_view.css").read_text(encoding="utf-8"),
    js=(_HERE / "picture_view.js").read_text(encoding="utf-8"),
)


def open_picture(name: str) -> None:
    """Open a picture, or go on to it. It gets an entry in the browser's history."""
    st.query_params[_PARAMETER] = name


def close_picture() -> None:
    st.query_params.pop(_PARAMETER, None)


def picture_view(gallery: Gallery, source: str, listing: Listing) -> None:
    """Show the picture that the URL names, if it names one."""
    if _PARAMETER in st.query_params:
        dialog = st.dialog(plain(source), width="large", on_dismiss=close_picture)
        dialog(_view)(gallery, source, listing)


def _view(gallery: Gallery, source: str, listing: Listing) -> None:
    name = st.query_params.get(_PARAMETER, "")
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
        _component(key="picture_view", data=_data(gallery, source, place, full))
    _steps(place, full)


def _data(gallery: Gallery, source: str, place: Place, full: str) -> dict[str, object]:
    item = place.item
    thumbnail = gallery.thumbnail(source, item, THUMBNAIL_WIDTH)
    return {
        "name": item.name,
        "medium": item.medium,
        "src": full,
        "placeholder": thumbnail,  # the browser has it already: shown until the picture is there
        "facts": [text for text in (size_text(item.size),) if text],
        "modified": item.modified.isoformat() if item.modified else None,
    }


def _steps(place: Place, full: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous",
            icon=":material/chevron_left:",
            shortcut="Left",
            disabled=place.previous is None,
            on_click=open_picture,
            args=(place.previous,),
        )
        st.button(
            "Next",
            icon=":material/chevron_right:",
            icon_position="right",
            shortcut="Right",
            disabled=place.next is None,
            on_click=open_picture,
            args=(place.next,),
        )
        st.caption(f"{place.position + 1:,} of {place.total:,}", width="content")
        if full is not None and not full.startswith("data:"):
            st.space("stretch")
            st.link_button("Original", full, icon=":material/open_in_new:", type="tertiary")
