"""The page on the REST API: how it lives beside this app, and how to use it."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from task_runner.api_client import ApiClient, ApiFailed
from task_runner.api_trial import api_trial

MANIFEST = Path(__file__).resolve().parent.parent / "app.toml"

INTRODUCTION = """
The same computations for programs: `api.py`, an ordinary FastAPI app, in a process of its own
beside this page. Three lines of this app’s manifest make it so.
"""
WHAT_THEY_DO = """
With these lines the controller starts `api.py` on a port of its own, in this app’s environment; has
the gateway pass on **`/app/task-runner/api/`** to it; tells this page where it is (`API_URL`,
`API_PATH`); checks its health; and restarts, updates, sleeps and wakes it together with this app.
"""
ELSEWHERE = """
# A unit file, or a line in a shell script, that starts and restarts the server …
uvicorn api:app --port 8510 --root-path /app/task-runner/api

# … and for each such server some lines of nginx, which it has to be told to read again.
location /app/task-runner/api/ {
    proxy_pass http://127.0.0.1:8510/;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_buffering off;
    proxy_read_timeout 1h;
}
"""
UNDER_CONTROLLER = "`./streamlit_controller status task-runner` and `logs` tell more."
ALONE = "Start it in this app’s folder, in another terminal:\n\n```\nuvicorn api:app\n```"


def api_page() -> None:
    """Show how the API came here, how to ask it, and that it works."""
    st.title("REST API", anchor=False)
    st.markdown(INTRODUCTION)
    address = _public_address()
    left, right = st.columns(2, gap="large")
    with left:
        st.code(_services(), language="toml")
        st.markdown(WHAT_THEY_DO)
        with st.expander("What others do instead"):
            st.code(ELSEWHERE.strip(), language="nginx", wrap_lines=True)
        st.subheader("From anywhere", anchor=False)
        st.code(_examples(address), language="bash", wrap_lines=True)
        docs = f"{address}/docs"
        st.link_button("All routes, to try them out", docs, icon=":material/menu_book:")
    with right, ApiClient() as client:
        try:
            client.ping()
        except ApiFailed as failure:
            st.error(f"**The API cannot be reached.** {failure}", icon=":material/cloud_off:")
            st.markdown(UNDER_CONTROLLER if "API_URL" in os.environ else ALONE)
            st.button("Try again", icon=":material/refresh:")
        else:
            api_trial(client.url)


def _services() -> str:
    """Return the part of the manifest that declares the API."""
    text = MANIFEST.read_text(encoding="utf-8")
    return text[text.index("[services.api]") :].strip()


def _public_address() -> str:
    """Return where browsers find the API: below this page's own address, or where it listens."""
    path = os.environ.get("API_PATH")
    if not path:
        return ApiClient().url
    page = urlsplit(st.context.url or "")
    return f"{page.scheme}://{page.netloc}{path}"


def _examples(address: str) -> str:
    return f"""\
# What can be computed
curl -s {address}/computations

# Start a job, which tells its ID
curl -s {address}/jobs \\
     -H 'Content-Type: application/json' \\
     -d '{{"computation": "primes", "millions": 1000}}'

# How far it is, and what it has found so far
curl -s {address}/jobs/ID

# The picture of a fractal, or of a tour
curl -s {address}/jobs/ID/picture > picture

# Cancel it
curl -s -X DELETE {address}/jobs/ID"""
