"""Where the web API is: for this process, and for the visitor's browser."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

DEFAULT_URL = "http://127.0.0.1:8000"
"""Where `uvicorn video_api.main:app` listens by default."""


def api_url(environment: Mapping[str, str] = os.environ) -> str:
    """Return the API's address for calls of this process."""
    return (environment.get("API_URL") or DEFAULT_URL).rstrip("/")


def browser_url(page_url: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the API's address for the browser that shows the page at `page_url`.

    With API_PATH, which Streamlit Controller sets, it is a path of the page's own origin. Else it
    is the API's port at the name by which the browser knows the page: for other names, though they
    be the same machine's, browsers keep other cookies.
    """
    page = urlsplit(page_url)
    if path := environment.get("API_PATH"):
        return f"{page.scheme}://{page.netloc}{path.rstrip('/')}"
    host = f"[{page.hostname}]" if ":" in (page.hostname or "") else page.hostname
    return f"{page.scheme}://{host}:{urlsplit(api_url(environment)).port or 80}"
