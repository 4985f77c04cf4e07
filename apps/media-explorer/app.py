"""The media explorer's page: a sidebar, a grid of thumbnails and a full-size view."""

import os
from math import ceil
from pathlib import Path

import streamlit as st

from explorer.controls import Choice, clear_filter, controls, heading
from explorer.gallery import Gallery, GalleryError, Page
from explorer.picture_grid import picture_grid
from explorer.picture_view import open_picture, picture_view
from explorer.settings import Settings, SettingsError
from explorer.wording import plain

SECRETS = Path(__file__).resolve().parent / ".streamlit" / "secrets.toml"


def main() -> None:
    st.set_page_config("Media explorer", "🖼️", layout="wide")
    try:
        settings = Settings.load(os.environ, read_secrets())
        gallery = load_gallery(settings)
        choice = controls(gallery.sources(), settings)
        show(gallery, choice)
        picture_view(gallery, choice.source.name, choice.listing)
    except SettingsError as error:
        st.error(plain(str(error)), icon=":material/settings_alert:")
    except GalleryError as error:
        st.error(f"**{plain(error.message)}** {plain(error.hint)}", icon=":material/cloud_off:")
        st.button("Try again", icon=":material/refresh:")


def read_secrets() -> dict[str, object]:
    if st.secrets.load_if_toml_exists():
        return dict(st.secrets)
    if SECRETS.is_file():
        raise SettingsError("The file .streamlit/secrets.toml is not valid TOML.")
    return {}


@st.cache_resource(show_spinner=False, on_release=lambda gallery: gallery.close())
def load_gallery(settings: Settings) -> Gallery:
    """One for all sessions; only what its mode needs is imported."""
    if settings.mode == "remote_server":
        from explorer.remote_gallery import RemoteGallery

        return RemoteGallery(settings.server_url, settings.browser_url)
    from explorer.service_gallery import ServiceGallery

    return ServiceGallery.load()


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
    if not page.total:
        show_nothing(choice.listing.filter_string)
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
        picture_grid(gallery, source, page.items, captions=choice.captions, on_open=open_picture)


def page_number() -> int:
    """The page that is wanted, before the widget that says so can know how many there are."""
    value = str(st.session_state.get("page", st.query_params.get("page", 1)))
    return max(int(value), 1) if value.isascii() and value.isdigit() and len(value) < 10 else 1


def show_nothing(keyword: str) -> None:
    if keyword:
        st.info(f"Nothing here has “{plain(keyword)}” in its name.", icon=":material/search_off:")
        st.button("Clear the filter", icon=":material/close:", on_click=clear_filter)
    else:
        st.info("There is nothing in this source yet.", icon=":material/photo_library:")


main()
