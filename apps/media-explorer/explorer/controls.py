"""The sidebar: what to show and in which order. Every choice is in the URL, so links keep it."""

from dataclasses import dataclass

import streamlit as st

from explorer.gallery import Listing, Source
from explorer.settings import Settings
from explorer.wording import count_text, plain


@dataclass(frozen=True)
class Choice:
    """What a person chose."""

    source: Source
    images: int
    listing: Listing
    captions: bool


def controls(sources: tuple[Source, ...], settings: Settings) -> Choice:
    """Show the sidebar and return what is chosen there."""
    with st.sidebar:
        st.subheader(":primary[:material/photo_library:] Media explorer", anchor=False)
        source = _source(sources)
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
        by_date = _by_date()
        ascending = st.toggle(
            "Ascending",
            key="ascending",
            bind="query-params",
            on_change=first_page,
            help="Oldest first, or from A to Z.",
        )
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
        captions = st.toggle("Captions", value=True, key="captions", bind="query-params")
        _about(settings)
    listing = Listing(keyword.strip(), by_date, ascending)
    return Choice(source, images, listing, captions)


def first_page() -> None:
    """What is listed changes: start again at its first page."""
    st.session_state["page"] = 1


def clear_filter() -> None:
    st.session_state["filter"] = ""
    first_page()


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


def _by_date() -> bool:
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
    return order == "Date"


def _about(settings: Settings) -> None:
    where = (
        "The pictures come from a media server."
        if settings.mode == "remote_server"
        else "The pictures are read by this page itself."
    )
    with st.expander("About", icon=":material/info:"):
        st.markdown(
            "Browse folders of pictures. Click one to see it in full size, then use the arrow "
            f"keys.\n\n{where}"
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
    filtered = f" with “{plain(listing.filter_string)}” in the name" * bool(listing.filter_string)
    st.header(plain(choice.source.name), anchor=False)
    st.caption(f"{count_text(total, 'file')}{filtered}, {order}")
