"""Runs the case that the address names, and shows what it returns."""

import importlib
import json


def double(number: int) -> int:
    """Double a number in a child process, which finds this by the script's name."""
    return 2 * number


if __name__ == "__main__":  # and not in a child process, which has this module under another name
    import streamlit as st

    case = st.query_params.get("case", "nothing")
    st.text(json.dumps(importlib.import_module(f"cases.{case}").show()))
