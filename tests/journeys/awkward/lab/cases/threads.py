"""Threads of the app's own, with and without a session."""

import contextvars
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx

word = contextvars.ContextVar("word", default="unset")
lasting = ThreadPoolExecutor(2, "lasting")


def show() -> dict[str, Any]:
    seen: list[Any] = []

    def look() -> None:
        logging.disable(logging.CRITICAL)  # it warns, rightly, that there is no session
        seen.append([threading.current_thread().name, sorted(st.session_state), word.get()])
        logging.disable(logging.NOTSET)

    st.session_state.mine = True
    word.set("set")
    for thread in (
        threading.Thread(target=look),
        add_script_run_ctx(threading.Thread(target=look)),
    ):
        thread.start()
        thread.join()
    future = lasting.submit(sum, range(10))
    with ThreadPoolExecutor(4) as pool:
        squares = list(pool.map(lambda number: number**2, range(20)))
    tasks = {each.name for each in threading.enumerate() if each.name.startswith("lasting")}
    return {"seen": seen, "squares": squares, "lasting": [future.result(), sorted(tasks)]}
