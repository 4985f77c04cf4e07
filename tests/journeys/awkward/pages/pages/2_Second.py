"""The second page."""

from pathlib import Path

import streamlit as st

st.text(f"second, {Path(__file__).name}, {Path.cwd().name}, {__name__}")
