"""The page's components: each a piece of HTML, its style and its script, in frontend/."""

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_FRONTEND = Path(__file__).resolve().parent / "frontend"


@cache
def component(name: str) -> ComponentRenderer:
    """Return the component of a name; what all of them share comes before its own part."""
    return st.components.v2.component(
        f"video_library.{name}",
        html=_read(f"{name}.html"),
        css=_read("common.css") + _read(f"{name}.css"),
        js=_read("api.js") + _read(f"{name}.js"),
    )


def _read(name: str) -> str:
    return (_FRONTEND / name).read_text(encoding="utf-8")
