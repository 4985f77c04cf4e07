"""The sidebar: what to show and in which order. Every choice is in the URL, so links keep it."""

from dataclasses import dataclass

import streamlit as st

from explorer.gallery import Gallery, GalleryError, Listing, Source
from explorer.layout import Layout
from explorer.layout_controls import layout_controls
from explorer.recycle_control import recycle_control
from explorer.settings import Mode, Settings
from explorer.trash_dialog import trash_control
from explorer.wording import count_text, plain

_WHERE: dict[Mode, str] = {
    "remote_server": "The pictures come from a media server.",
    "embedded_server": "The pictures come from a media server in this page's own process.",
    "service_object": "The pictures are read by this page itself.",
}


@dataclass(frozen=True)
class Choice:
    """What a person chose."""

    source: Source
    images: int
    listing: Listing
    layout: Layout


def controls(gallery: Gallery, settings: Settings) -> Choice:
    """Show the sidebar and return what is chosen there."""
    with st.sidebar:
        st.subheader(":primary[:material/photo_library:] Media explorer", anchor=False)
        source = _source(_sources(gallery, settings))
        listing = _listing()
        images = st.slider(
            "Number of images",
            min_value=1,
            max_value=max(settings.max_images, 2),
            value=settings.default_images,
            key="images",
            bind="query-params",
            on_change=first_page,
            help="How many a page shows.",
        )
        layout = layout_controls(settings.display)
        if settings.allow_changes:
            if source.has_files:
                trash_control(gallery, source.name)
            recycle_control()
        _about(settings)
    return Choice(source, images, listing, layout)


def first_page() -> None:
    """What is listed changes: start again at its first page."""
    st.session_state["page"] = 1


def clear_filter() -> None:
    st.session_state["filter"] = ""
    first_page()


def show_all() -> None:
    st.session_state["favourites"] = False
    clear_filter()


def _sources(gallery: Gallery, settings: Settings) -> tuple[Source, ...]:
    try:
        return gallery.sources()
    except GalleryError:
        if settings.allow_changes:
            recycle_control()  # it may be what helps
        raise


def _source(sources: tuple[Source, ...]) -> Source:
    by_name = {source.name: source for source in sources}
    name = st.selectbox(
        "Source",
        list(by_name),
        key="source",
        bind="query-params",
        on_change=first_page,
    )
    return by_name[name]


def _listing() -> Listing:
    keyword = st.text_input(
        "Filter",
        key="filter",
        type="search",
        placeholder="Part of a name",
        max_chars=200,
        live=True,
        bind="query-params",
        on_change=first_page,
    )
    order = st.segmented_control(
        "Sort by",
        ["Date", "Name"],
        default="Date",
        required=True,
        key="sort",
        width="stretch",
        bind="query-params",
        on_change=first_page,
    )
    ascending = st.toggle(
        "Ascending",
        key="ascending",
        bind="query-params",
        on_change=first_page,
        help="Oldest first, or from A to Z.",
    )
    favourites = st.toggle(
        "Favourites only", key="favourites", bind="query-params", on_change=first_page
    )
    return Listing(keyword.strip(), order == "Date", ascending, favourites)


def _about(settings: Settings) -> None:
    keys = "; F marks a favourite, Delete moves a file to the trash" * settings.allow_changes
    with st.expander("About", icon=":material/info:"):
        st.markdown(
            "Browse folders of pictures. Click one to see it in full size, then use the arrow "
            f"keys{keys}.\n\n{_WHERE[settings.mode]}"
        )


def heading(choice: Choice, total: int) -> None:
    """Say what is seen: the source, how many, and in which order."""
    listing = choice.listing
    order = {
        (True, False): "newest first",
        (True, True): "oldest first",
        (False, True): "A to Z",
        (False, False): "Z to A",
    }[listing.sort_by_date_flag, listing.ascending]
    counted = count_text(total, "favourite" if listing.favourites_flag else "file")
    filtered = f" with “{plain(listing.filter_string)}” in the name" * bool(listing.filter_string)
    st.header(plain(choice.source.name), anchor=False)
    st.caption(f"{counted}{filtered}, {order}")
