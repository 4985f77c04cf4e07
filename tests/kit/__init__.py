"""Tests of streamlit_kit."""
