"""The media explorer's page: a sidebar, a grid of thumbnails and a full-size view."""

import os
from math import ceil
from pathlib import Path

import streamlit as st

from explorer.change import make_change, show_error
from explorer.controls import Choice, controls, heading, show_all
from explorer.gallery import Gallery, GalleryError, Listing, Page
from explorer.opened import open_picture, opened_picture
from explorer.opening import open_gallery
from explorer.picture_grid import picture_grid
from explorer.picture_view import picture_view
from explorer.setting import SettingsError
from explorer.settings import Settings
from explorer.undo_bar import undo_bar
from explorer.wording import plain

SECRETS = Path(__file__).resolve().parent / ".streamlit" / "secrets.toml"


def main() -> None:
    st.set_page_config("Media explorer", "🖼️", layout="wide")
    try:
        settings = Settings.load(os.environ, read_secrets())
        gallery = open_gallery(settings)
        make_change(gallery)
        choice = controls(gallery, settings)
        show(gallery, choice)
        changes = settings.allow_changes
        picture_view(gallery, choice.source.name, choice.listing, allow_changes=changes)
    except SettingsError as error:
        st.error(plain(str(error)), icon=":material/settings_alert:")
    except GalleryError as error:
        show_error(error)
        st.button("Try again", icon=":material/refresh:")


def read_secrets() -> dict[str, object]:
    if st.secrets.load_if_toml_exists():
        return dict(st.secrets)
    if SECRETS.is_file():
        raise SettingsError("The file .streamlit/secrets.toml is not valid TOML.")
    return {}


def show(gallery: Gallery, choice: Choice) -> None:
    """A page of the chosen source."""
    source, size = choice.source.name, choice.images
    if choice.source.problem:
        raise GalleryError(choice.source.problem)

    def fetch(number: int) -> Page:
        with st.spinner(f"Looking through {plain(source)}…"):
            return gallery.page(source, choice.listing, (number - 1) * size, size)

    wanted = page_number()
    page = fetch(wanted)
    heading(choice, page.total)
    if opened_picture() is None:  # else the view shows it
        undo_bar()
    if not page.total:
        show_nothing(choice.listing)
        return
    grid = st.container()
    pages = ceil(page.total / size)
    number = 1
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            number = st.pagination(pages, key="page", bind="query-params")
    if number != wanted:  # there are fewer pages than the URL or the person thought
        page = fetch(number)
    with grid, st.spinner("Making thumbnails…"):
        picture_grid(gallery, source, page.items, choice.layout, open_picture)


def page_number() -> int:
    """The page that is wanted, before the widget that says so can know how many there are."""
    value = str(st.session_state.get("page", st.query_params.get("page", 1)))
    return max(int(value), 1) if value.isascii() and value.isdigit() and len(value) < 10 else 1


def show_nothing(listing: Listing) -> None:
    if listing.filter_string:
        what = "favourite" if listing.favourites_flag else "file"
        keyword = plain(listing.filter_string)
        st.info(f"No {what} here has “{keyword}” in its name.", icon=":material/search_off:")
        st.button("Clear the filter", icon=":material/close:", on_click=show_all)
    elif listing.favourites_flag:
        st.info(
            "There are no favourites in this source yet: open a picture and press F.",
            icon=":material/star:",
        )
        st.button("Show all", icon=":material/close:", on_click=show_all)
    else:
        st.info("There is nothing in this source yet.", icon=":material/photo_library:")


main()
