"""Which picture is open in full size: the one that the URL names, so the back button closes it."""

import streamlit as st

_PARAMETER = "picture"


def opened_picture() -> str | None:
    return st.query_params.get(_PARAMETER)


def open_picture(name: str) -> None:
    """Open a picture, or go on to it. It gets an entry in the browser's history."""
    st.query_params[_PARAMETER] = name


def close_picture() -> None:
    st.query_params.pop(_PARAMETER, None)
