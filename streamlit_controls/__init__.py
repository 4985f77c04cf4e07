"""Streamlit Controller: hosts many Streamlit apps behind one port."""

__version__ = "0.1.0"
