"""A part of a page that runs by itself."""

import streamlit as st


@st.fragment
def part() -> None:
    st.session_state.parts = st.session_state.get("parts", 0) + 1
    st.text(f"part {st.session_state.parts}")


def show() -> str:
    st.session_state.wholes = st.session_state.get("wholes", 0) + 1
    part()
    return f"whole {st.session_state.wholes}"
