"""What can be done to the picture that is open: mark it as a favourite, move it to the trash."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from explorer.change import want
from explorer.gallery import Gallery, Listing, Place
from explorer.opened import close_picture, open_picture
from explorer.undo_bar import Undoable, offer_undo


def favourite_button(source: str, place: Place, listing: Listing) -> None:
    item = place.item
    change: tuple[str, Callable[[Gallery], None]]
    if item.favourite:
        change = "Forgetting it…", partial(_unmark, source, place, listing)
    else:
        change = "Keeping it…", partial(_mark, source, item.name)
    st.button(
        "Favourite",
        key="favourite",
        icon=":material/star:",
        type="primary" if item.favourite else "secondary",
        shortcut="F",
        on_click=want,
        args=change,
    )


def delete_button(source: str, place: Place) -> None:
    st.button(
        "To trash",
        key="delete",
        icon=":material/delete:",
        shortcut="Delete",
        on_click=want,
        args=("Moving it to the trash…", partial(_delete, source, place)),
    )


def _mark(source: str, name: str, gallery: Gallery) -> None:
    gallery.favourite(source, name)


def _unmark(source: str, place: Place, listing: Listing, gallery: Gallery) -> None:
    gallery.unfavourite(source, place.item.name)
    if listing.favourites_flag:  # it is not listed any more, so it has no neighbours
        offer_undo(Undoable(source, place.item.name))
        _go_on(place)


def _delete(source: str, place: Place, gallery: Gallery) -> None:
    trashed = gallery.delete(source, place.item.name)
    offer_undo(Undoable(source, trashed.name, trashed.id))
    _go_on(place)


def _go_on(place: Place) -> None:
    beside = place.next or place.previous
    if beside is None:
        close_picture()
    else:
        open_picture(beside)
