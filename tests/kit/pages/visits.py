"""A page that counts what is told of its sessions, and has a task for each."""

import contextlib
import os
import threading
from collections import Counter

import streamlit as st

from streamlit_kit import AsyncTaskManager, Session, SessionCallbackManager, TaskContext, TaskExists
from streamlit_kit.sessions.current import monitor


@st.cache_resource
def news() -> list[str]:
    """All that was told, in its order: "start 1a2b3c4d"."""
    return []


def note(what: str) -> None:
    """Keep what was told; in the log it can be followed."""
    news().append(what)
    # In one piece: other threads write too.
    print(f"{what}\n", end="", flush=True)  # noqa: T201


def on_start(session: Session) -> None:
    note(f"start {session.id}")


def on_heartbeat(session: Session) -> None:
    note(f"heartbeat {session.id}")


def on_end(session: Session) -> None:
    note(f"end {session.id}")


def fail(_session: Session) -> None:
    raise ValueError("this one always fails")


def work(context: TaskContext, session: str) -> None:
    """Go on until the session ends."""
    context.publish(f"of {session}")
    while not context.wait(600):
        pass
    note(f"cancelled {session}")


grace = st.query_params.get("grace")
events = SessionCallbackManager(
    heartbeat=float(os.environ.get("HEARTBEAT", "0.1")),
    grace=None if grace is None else float(grace),
)
if "slow" not in st.session_state:
    st.session_state["slow"] = threading.Event().wait(float(os.environ.get("SLOW", "0")))
tasks = AsyncTaskManager()
session = events.session
events.register(fail, fail, fail, key="failing")
events.register(on_start, on_heartbeat, on_end)
with contextlib.suppress(TaskExists):
    tasks.submit("work", work, session.id)

query = st.query_params.get("do")
if query == "cancel":
    tasks.cancel("work")
if query == "clear":
    st.cache_resource.clear()
if query == "stop":
    st.stop()

result = tasks.get_result("work")
counts = Counter(each.split()[0] for each in list(news()))
st.text(f"session {session.id}")
st.text(f"task {result and result.status} {result and result.value}")
st.text(f"told {dict(counts)} of {len(monitor())}")
