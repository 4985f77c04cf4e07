"""A page that touches what most pages touch; it is served once, to learn what that imports."""

from __future__ import annotations

import time

import streamlit as st
from streamlit import runtime


def page() -> None:
    """Touch what belongs to a session, or to a server: without one, it would leave traces."""

    @st.cache_data
    def numbers() -> list[int]:
        return list(range(20))

    @st.cache_resource
    def started() -> float:
        return time.time()

    @st.fragment
    def part() -> None:
        st.checkbox("Check")

    st.set_page_config(page_title="Rehearsal")
    st.title("Rehearsal")
    st.session_state.setdefault("seen", started())
    left, right = st.columns(2)
    left.slider("Number", 0, 10, 3)
    right.selectbox("Word", ["one", "two"])
    with st.form("form"):
        st.text_input("Text")
        st.date_input("Day")
        st.form_submit_button("Send")
    with st.sidebar, st.expander("More"):
        st.multiselect("Words", ["one", "two"])
        st.file_uploader("File")
    first, second = st.tabs(["One", "Two"])
    first.metric("Sum", sum(numbers()))
    second.json({"a": [1, 2]})
    st.button("Button")
    st.download_button("Download", b"data")
    part()


def drawings() -> None:
    """Show texts, tables and charts."""
    st.markdown("*text* $x^2$ :material/home:")
    st.code("x = 1")
    try:
        import numpy as np
        import pandas as pd
    except ImportError:
        return
    days = pd.date_range("2024-01-01", periods=20)
    frame = pd.DataFrame(
        {"day": days, "number": np.arange(20) / 3, "word": ["one", "two"] * 10, "yes": [True] * 20}
    )
    st.dataframe(frame)
    st.table(frame.head(3))
    st.data_editor(frame.head(3))
    st.line_chart(frame, x="day", y="number")
    st.bar_chart(frame.groupby("word")["number"].sum())
    st.image(np.zeros((4, 4, 3), dtype="uint8"))
    try:
        import altair as alt
    except ImportError:
        return
    chart = alt.Chart(frame).mark_circle().encode(x="day:T", y="number:Q", color="word:N")
    st.altair_chart(chart)


if runtime.exists():
    page()
drawings()
