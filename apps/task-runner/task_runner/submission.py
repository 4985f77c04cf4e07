"""How a computation becomes one of a visitor's tasks."""

import streamlit as st
from streamlit_kit import AsyncTaskManager, TooManyTasks

from computations.computation import Arguments, Computation
from computations.work import work
from task_runner.job import Job


def submit(tasks: AsyncTaskManager, computation: Computation, arguments: Arguments) -> None:
    """Start a computation, or say why not."""
    numbers = [Job.from_id(each.task_id).number for each in tasks.results()]
    job = Job(max(numbers, default=0) + 1, computation, computation.checked(arguments))
    try:
        tasks.submit(job.id, work, computation, job.arguments)
    except TooManyTasks as refusal:
        st.toast(f"{computation.title} was not started: {refusal}.", icon=":material/block:")
