"""Task runner: long computations in the background, and the same ones by a REST API."""

import logging
import sys

import streamlit as st
from streamlit_kit import SessionCallbackManager

from task_runner.api_page import api_page
from task_runner.audience import audience
from task_runner.tasks_page import tasks_page


def initialize() -> None:
    """Do what comes before anything is shown."""
    st.set_page_config("Task runner", "🧮", layout="wide")
    # Computations share this process with the page, which waits the less the shorter their turns.
    sys.setswitchinterval(0.001)
    logging.basicConfig(format="%(asctime)s %(message)s")
    for name in ("computations", "task_runner"):
        logging.getLogger(name).setLevel(logging.INFO)


def loop() -> None:
    """Run once for each time that the visitor does something."""
    pages = [
        st.Page(tasks_page, title="Tasks", icon=":material/bolt:", default=True),
        st.Page(api_page, title="REST API", icon=":material/api:", url_path="rest-api"),
    ]
    page = st.navigation(pages, position="top")
    # After it: a tab that tells who it is before it knows its page would get the first one.
    SessionCallbackManager().register(on_start=audience().enter, on_end=audience().leave)
    page.run()


initialize()
loop()
