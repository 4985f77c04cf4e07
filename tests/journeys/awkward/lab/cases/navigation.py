"""Pages that are functions."""

import streamlit as st


def first() -> None:
    st.text("the first")


def second() -> None:
    st.text("the second")


def show() -> str:
    pages = [st.Page(first, default=True), st.Page(second, url_path="second")]
    chosen = st.navigation(pages)
    chosen.run()
    return chosen.title
