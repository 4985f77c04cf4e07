"""The page with a visitor's tasks."""

from collections import Counter

import streamlit as st
from streamlit_kit import AsyncTaskManager, TaskResult, TaskStatus

from task_runner.audience import audience
from task_runner.pool import pool
from task_runner.start_form import start_form
from task_runner.submission import submit
from task_runner.task_card import task_card
from task_runner.tick import TICK

INTRODUCTION = """
Long computations, several at once, in the background. Watch them, change the page, **reload the
tab**: they go on. Close it, and they are cancelled.
"""
NOTHING = "Nothing runs yet. Start a computation, or one of each."


def tasks_page() -> None:
    """Start tasks, and show all there are, the newest one first."""
    tasks = AsyncTaskManager(pool=pool())
    st.title("Task runner", anchor=False)
    st.markdown(INTRODUCTION)
    for computation, arguments in start_form():
        submit(tasks, computation, arguments)
    results = tasks.results()
    if not results:
        st.info(NOTHING, icon=":material/bedtime:")
        return
    _overview(tasks)
    newest_first = results[::-1]
    for row in (newest_first[start : start + 2] for start in range(0, len(results), 2)):
        for column, result in zip(st.columns(2, gap="medium"), row, strict=False):
            with column:
                task_card(tasks, result)


def _overview(tasks: AsyncTaskManager) -> None:
    """Count the tasks; as long as some are not finished, this part runs again by itself."""
    is_live = any(not each.is_finished for each in tasks.results())

    @st.fragment(run_every=TICK if is_live else None)
    def overview() -> None:
        results = tasks.results()
        unfinished = [each for each in results if not each.is_finished]
        with st.container(horizontal=True, vertical_alignment="center"):
            _counts(results)
            if len(unfinished) > 1 and st.button("Cancel all", icon=":material/stop:"):
                tasks.cancel_all()
                st.rerun()
            clearing = len(results) > 1 and not unfinished
            if clearing and st.button("Remove all", icon=":material/delete_sweep:"):
                for each in results:
                    tasks.forget(each.task_id)
                st.rerun()

    overview()


def _counts(results: tuple[TaskResult, ...]) -> None:
    count = Counter(each.status for each in results)
    words = [f"{count[status]} {status}" for status in TaskStatus if count[status]]
    here = len(audience())
    words.append("nobody else is here" if here < 2 else f"{here} visitors are here")
    st.subheader(
        f"{len(results)} tasks" if len(results) > 1 else "1 task", anchor=False, width="content"
    )
    st.caption(" · ".join(words), width="stretch")
