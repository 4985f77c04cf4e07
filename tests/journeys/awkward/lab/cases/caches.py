"""Caches in memory and on disk, and the state of a session."""

from typing import Any

import streamlit as st

calls: list[str] = []


@st.cache_data
def data(number: int) -> list[int]:
    calls.append("data")
    return [number]


@st.cache_data(persist="disk")
def kept(number: int) -> list[int]:
    calls.append("kept")
    return [number]


@st.cache_resource
def resource() -> list[int]:
    calls.append("resource")
    return []


def show() -> dict[str, Any]:
    data(1).append(2)  # on a copy
    resource().append(3)
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    return {
        "data": data(1),
        "kept": kept(4),
        "resource": resource(),
        "calls": calls,
        "state": dict(st.session_state),
    }
