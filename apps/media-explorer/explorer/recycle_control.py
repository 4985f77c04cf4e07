"""The control that starts the media server anew with its configuration as it is now."""

import streamlit as st

from explorer.change import want
from explorer.gallery import Gallery


def recycle_control() -> None:
    """Show the button; all sessions see what it brings."""
    st.button(
        "Recycle media server",
        key="recycle",
        icon=":material/autorenew:",
        width="stretch",
        help="Reads media_service.toml anew, for everybody.",
        on_click=want,
        args=("Recycling the media server…", _recycle),
    )


def _recycle(gallery: Gallery) -> None:
    gallery.recycle()
    st.toast("The media server has read its configuration anew.", icon=":material/autorenew:")
