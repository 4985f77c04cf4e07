"""The grid of thumbnails: a component, so that names are never HTML and a click is an event."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from explorer.gallery import Gallery, Item
from explorer.wording import size_text

THUMBNAIL_WIDTH = 480
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
    *,
    captions: bool,
    on_open: Callable[[str], None],
) -> None:
    """Show items; `on_open` is called with the name of the one that a person opens."""

    def opened() -> None:
        name = st.session_state[_KEY].get("open")
        if name:
            on_open(name)

    tiles = [_tile(item, gallery.thumbnail(source, item, THUMBNAIL_WIDTH)) for item in items]
    data = {"items": tiles, "captions": captions, "label": f"Pictures of {source}"}
    _component(key=_KEY, data=data, on_open_change=opened)


def _tile(item: Item, thumbnail: str | None) -> dict[str, str | None]:
    return {
        "name": item.name,
        "medium": item.medium,
        "thumbnail": thumbnail,
        "size_text": size_text(item.size),
        "modified": item.modified.isoformat() if item.modified else None,
    }
