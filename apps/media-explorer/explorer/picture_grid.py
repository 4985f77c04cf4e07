"""The grid of thumbnails: a component, so that names are never HTML and a click is an event."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from explorer.gallery import Gallery, Item
from explorer.layout import Layout
from explorer.wording import size_text

_HERE = Path(__file__).resolve().parent
_KEY = "picture_grid"

_component = st.components.v2.component(
    "media_explorer.picture_grid",
    html="<ul></ul>",
    css=(_HERE / "picture_grid.css").read_text(encoding="utf-8"),
    js=(_HERE / "picture_grid.js").read_text(encoding="utf-8"),
)


def picture_grid(
    gallery: Gallery,
    source: str,
    items: tuple[Item, ...],
    layout: Layout,
    on_open: Callable[[str], None],
) -> None:
    """Show items; `on_open` is called with the name of the one that a person opens."""

    def opened() -> None:
        name = st.session_state[_KEY].get("open")
        if name:
            on_open(name)

    data = {
        "items": [_tile(gallery, source, item, layout) for item in items],
        "captions": layout.captions,
        "packed": layout.packed,
        "columns": layout.columns,
        "width": layout.width,
        "label": f"Pictures of {source}",
    }
    _component(key=_KEY, data=data, on_open_change=opened)


def thumbnails(gallery: Gallery, source: str, item: Item, layout: Layout) -> list[tuple[str, int]]:
    """What a browser may choose from, each with its width in pixels; empty if there is none."""
    widths = (layout.thumbnail_width,) if gallery.is_inline else layout.thumbnail_widths
    links = ((gallery.thumbnail(source, item, width), width) for width in widths)
    # What has the same address in every width, such as somebody else's link, is said once.
    return list({link: (link, width) for link, width in links if link is not None}.values())


def _tile(gallery: Gallery, source: str, item: Item, layout: Layout) -> dict[str, object]:
    return {
        "name": item.name,
        "medium": item.medium,
        "thumbnails": thumbnails(gallery, source, item, layout),
        "size_text": size_text(item.size),
        "modified": item.modified.isoformat() if item.modified else None,
        "favourite": item.favourite,
    }
