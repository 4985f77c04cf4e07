"""The visitor of this run: whose cookie the browser sent, and where its API is."""

import streamlit as st

from library_page.addresses import api_url, browser_url
from library_page.api_client import COOKIE, ApiClient


def client() -> ApiClient:
    """Return a client of the API that speaks for the visitor."""
    return ApiClient(api_url(), st.context.cookies.get(COOKIE))


def api_in_browser() -> str:
    """Return the API's address for the visitor's browser."""
    return browser_url(st.context.url or "http://127.0.0.1:8501/")
