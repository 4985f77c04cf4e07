"""One picture (or video, or sound) as large as fits, with its name and what is known of it."""

from pathlib import Path

import streamlit as st

from explorer.gallery import Gallery, Item
from explorer.wording import size_text

_HERE = Path(__file__).resolve().parent

# Shown until the picture itself is there; the grid has it in this or a similar width.
_PLACEHOLDER_WIDTH = 320

_component = st.components.v2.component(
    "media_explorer.picture_frame",
    html=(
        '<figure><div class="stage"></div><figcaption><b></b><small></small></figcaption></figure>'
    ),
    css=(_HERE / "picture_frame.css").read_text(encoding="utf-8"),
    js=(_HERE / "picture_frame.js").read_text(encoding="utf-8"),
)


def picture_frame(gallery: Gallery, source: str, item: Item, full: str, *, crowded: bool) -> None:
    """Show an item that a browser finds at `full`; `crowded`: leave room for what else is there."""
    data = {
        "name": item.name,
        "medium": item.medium,
        "src": full,
        "placeholder": gallery.thumbnail(source, item, _PLACEHOLDER_WIDTH),
        "facts": [text for text in (size_text(item.size),) if text],
        "modified": item.modified.isoformat() if item.modified else None,
        "crowded": crowded,
    }
    _component(key="picture_frame", data=data)
