"""A page that counts what the kit has in memory."""

import gc
import threading
from collections import Counter

import streamlit as st

from streamlit_kit import AsyncTaskManager, Session, SessionCallbackManager, TaskContext
from streamlit_kit.sessions.current import monitor


def hear(_session: Session) -> None:
    """Hear of something."""


def work(context: TaskContext) -> None:
    """Go on until the session ends."""
    context.wait(600)


@st.cache_resource
def freeze() -> None:
    """Leave what is there for good out of collections: Streamlit has one after each run."""
    gc.collect()
    gc.freeze()


freeze()
events = SessionCallbackManager(heartbeat=0.5)
events.register(hear, hear, hear)
tasks = AsyncTaskManager()
if st.query_params.get("do") == "count":
    gc.collect()
    kinds = Counter(
        type(each).__name__
        for each in gc.get_objects()
        if str(type(each).__module__).startswith("streamlit_kit")
    )
    st.text(f"sessions {len(monitor())}")
    st.text(f"threads {threading.active_count()}")
    st.text(f"objects {kinds.total()}")
    st.text(f"kinds {dict(kinds)}")
elif tasks.get_result("work") is None:
    tasks.submit("work", work)
