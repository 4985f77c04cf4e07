"""A job that the visitor has the REST API do, followed live."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit_kit import TaskStatus

from computations.catalogue import COMPUTATIONS
from task_runner.api_client import ApiClient, ApiFailed, ApiUnreachable
from task_runner.tick import TICK

JOB = "api-job"
ApiJob = dict[str, Any]


def api_trial(url: str) -> None:
    """Offer to start a job, and show the one that was started last."""
    with st.container(border=True, key="api-trial"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            computation = st.selectbox(
                "Try it",
                COMPUTATIONS.values(),
                format_func=lambda each: each.title,
                key="api-computation",
            )
            if st.button("POST /jobs", type="primary", icon=":material/send:"):
                _ask(url, lambda client: client.start(computation.key, computation.checked({})))
        if (job := st.session_state.get(JOB)) is not None:
            _follow(url, job)


def _follow(url: str, job: ApiJob) -> None:
    is_live = not _is_finished(job)

    @st.fragment(run_every=TICK if is_live else None)
    def part() -> None:
        if is_live:
            _ask(url, lambda client: client.look(job["id"]))
            if JOB not in st.session_state or _is_finished(st.session_state[JOB]):
                st.rerun()  # the whole page: this part has no reason to go on by itself
        _show(url, st.session_state[JOB])

    part()


def _ask(url: str, question: Callable[[ApiClient], ApiJob]) -> None:
    """Ask the API for a job, and keep what it says."""
    try:
        with ApiClient(url) as client:
            st.session_state[JOB] = question(client)
    except ApiUnreachable as failure:
        st.error(str(failure), icon=":material/cloud_off:")
    except ApiFailed as failure:
        st.toast(str(failure), icon=":material/block:")
        st.session_state.pop(JOB, None)


def _show(url: str, job: ApiJob) -> None:
    place = f"/jobs/{job['id']}"
    words = [
        f"**{job['status'].capitalize()}**",
        job["headline"],
        job["text"],
        f"{job['seconds']:.1f} s",
    ]
    st.code(f"GET {place}", language=None, wrap_lines=True)
    st.progress(job["fraction"], " · ".join(filter(None, words)))
    if job["picture"]:
        try:
            with ApiClient(url) as client:
                st.image(client.picture(job["id"]), width="stretch")
        except ApiFailed as failure:
            st.error(str(failure), icon=":material/block:")
    st.json(job, expanded=False)
    if not _is_finished(job) and st.button(f"DELETE {place[:12]}…", icon=":material/stop:"):
        _ask(url, lambda client: client.cancel(job["id"]))
        st.rerun()


def _is_finished(job: ApiJob) -> bool:
    return TaskStatus(job["status"]).is_finished
