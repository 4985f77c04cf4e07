"""One task: how far it is, what it has found, and what may be done with it."""

import time
from typing import Literal

import streamlit as st
from streamlit_kit import AsyncTaskManager, TaskResult, TaskStatus

from computations.computation import Value
from task_runner.charts import draw
from task_runner.job import Job
from task_runner.submission import submit
from task_runner.tick import TICK

Colour = Literal["gray", "blue", "orange", "green", "red"]
BADGES: dict[TaskStatus, tuple[str, Colour]] = {
    TaskStatus.QUEUED: (":material/hourglass_empty:", "gray"),
    TaskStatus.RUNNING: (":material/progress_activity:", "blue"),
    TaskStatus.CANCELLING: (":material/stop_circle:", "orange"),
    TaskStatus.DONE: (":material/check_circle:", "green"),
    TaskStatus.FAILED: (":material/error:", "red"),
    TaskStatus.CANCELLED: (":material/cancel:", "gray"),
}


def task_card(tasks: AsyncTaskManager, result: TaskResult) -> None:
    """Show a task; as long as it is not finished, this part of the page runs again by itself."""
    is_live = not result.is_finished

    @st.fragment(run_every=TICK if is_live else None)
    def card() -> None:
        now = tasks.get_result(result.task_id)
        if now is None or (is_live and now.is_finished):
            st.rerun()  # the whole page: this part has no reason to go on by itself
        _show(tasks, now)

    card()


def _show(tasks: AsyncTaskManager, result: TaskResult) -> None:
    job = Job.from_id(result.task_id)
    with st.container(border=True, gap="small", key=f"card-{job.number}"):
        _head(job, result)
        if result.error:
            st.error(result.error)
        _progress(result)
        if result.value is not None:
            draw(result.value)
            _found(result.value)
        _buttons(tasks, job, result)


def _head(job: Job, result: TaskResult) -> None:
    icon, colour = BADGES[result.status]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{job.computation.icon} {job.computation.title}**", width="content")
        st.badge(result.status.capitalize(), icon=icon, color=colour)
    st.caption(job.wording)


def _progress(result: TaskResult) -> None:
    text = " · ".join(filter(None, [result.text, _elapsed(result)]))
    st.progress(result.fraction or 0.0, text or "Waits for its turn")


def _elapsed(result: TaskResult) -> str:
    if result.started is None:
        return ""
    return f"{(result.finished or time.time()) - result.started:.1f} s"


def _found(value: Value) -> None:
    with st.container(horizontal=True, gap="medium"):
        for label, text in {"Result": value.headline, **value.facts}.items():
            st.metric(label, text, width="content")


def _buttons(tasks: AsyncTaskManager, job: Job, result: TaskResult) -> None:
    with st.container(horizontal=True):
        if not result.is_finished:
            stopping = result.status is TaskStatus.CANCELLING
            key = f"cancel-{job.number}"
            if st.button("Cancel", icon=":material/stop:", key=key, disabled=stopping):
                tasks.cancel(job.id)
                st.rerun()
            return
        if st.button("Run again", icon=":material/replay:", key=f"again-{job.number}"):
            submit(tasks, job.computation, job.arguments)
            st.rerun()
        if st.button("Remove", icon=":material/delete:", key=f"remove-{job.number}"):
            tasks.forget(job.id)
            st.rerun()
