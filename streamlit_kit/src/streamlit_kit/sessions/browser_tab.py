"""The browser's tab: an unseen part of the page by which a session is known again."""

from datetime import timedelta
from pathlib import Path

import streamlit as st
from streamlit.errors import DuplicateWidgetID

from streamlit_kit.sessions.current import current_session, monitor, resume

_KEY = "streamlit_kit_tab"
_HIDDEN = f"""
[data-testid=stLayoutWrapper]:has(> [data-testid=stVerticalBlock] > .st-key-{_KEY}:only-child) {{
  display: none;
}}
"""

_component = st.components.v2.component(
    "streamlit_kit.browser_tab",
    html="<i hidden></i>",
    css=_HIDDEN,
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


# A browser has a page with a part that runs by itself run again as soon as its connection is back,
# and a session is known to be back by that. That it would run by itself each day is beside the
# point.
@st.fragment(run_every=timedelta(days=1))
def browser_tab() -> None:
    """Ask the tab which session it is; go on as that one if it is not over."""
    session = current_session()
    told = (st.session_state.get(_KEY) or {}).get("token")
    if told == session.token:
        monitor().settle(session)
    elif told and (older := monitor().by_token(told)) and resume(older):
        st.rerun()
    data = {"token": session.token, "stale": told if told != session.token else None}
    try:
        _component(key=_KEY, data=data, on_token_change=_run_again)
    except DuplicateWidgetID:
        return  # it is on the page already


def _run_again() -> None:
    """Nothing more than the run itself is needed."""
