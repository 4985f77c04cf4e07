"""The managers in script runs without a server, and where there is none."""

import threading

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from streamlit_kit import AsyncTaskManager, NoSession, SessionCallbackManager, TaskResult
from tests.support.waiting import until


def run(script: str, page: AppTest | None = None) -> list[str]:
    page = page or AppTest.from_string(script, default_timeout=30)
    page.run()
    assert not page.exception
    return [each.value for each in page.text]


def test_a_task_is_submitted_by_one_run_and_seen_by_the_next() -> None:
    script = (
        "import streamlit as st\n"
        "from streamlit_kit import AsyncTaskManager\n"
        "tasks = AsyncTaskManager()\n"
        "if tasks.get_result('x') is None: tasks.submit('x', lambda context: 1 + 1)\n"
        "st.text(tasks.join('x', 30).value)\n"
        "st.text(len(tasks.results()))\n"
    )
    page = AppTest.from_string(script, default_timeout=30)
    assert run(script, page) == run(script, page) == ["2", "1"]


def test_sessions_have_ids_of_their_own_and_shared_ones_in_common() -> None:
    script = (
        "import streamlit as st\n"
        "from streamlit_kit import AsyncTaskManager\n"
        "for shared in (False, True):\n"
        "    tasks = AsyncTaskManager(shared=shared, replace=True)\n"
        "    st.text(tasks.get_result('test_page') is None)\n"
        "    tasks.submit('test_page', lambda context: 1)\n"
    )
    try:
        assert run(script) == ["True", "True"]
        assert run(script) == ["True", "False"]
    finally:
        AsyncTaskManager(shared=True).join("test_page", 30)
        AsyncTaskManager(shared=True).forget("test_page")


def test_all_verbs_are_there() -> None:
    script = (
        "import streamlit as st\n"
        "from streamlit_kit import AsyncTaskManager, TaskExists\n"
        "tasks = AsyncTaskManager(grace=1)\n"
        "handle = tasks.submit('x', lambda context: context.wait(30))\n"
        "try: tasks.submit('x', print)\n"
        "except TaskExists as error: st.text(error)\n"
        "st.text(tasks.forget('x'))\n"
        "st.text(tasks.cancel('x'))\n"
        "st.text(handle.join(30).status)\n"
        "st.text(tasks.cancel_all())\n"
        "st.text(tasks.forget('x'))\n"
    )
    said = run(script)
    assert said[0].startswith("the task 'x' has not ended yet; cancel it first")
    assert said[1:] == ["False", "True", "cancelled", "0", "True"]


@pytest.mark.parametrize("make", [AsyncTaskManager, SessionCallbackManager])
def test_without_a_script_run_there_is_no_session(make: type) -> None:
    with pytest.raises(NoSession, match="shared=True"):
        make()


@pytest.mark.parametrize("said", ["'60'", "-1", "float('nan')", "1e999"])
@pytest.mark.parametrize("manager", ["AsyncTaskManager(grace", "SessionCallbackManager(heartbeat"])
def test_times_that_are_none_are_refused_at_once(manager: str, said: str) -> None:
    page = AppTest.from_string(
        f"from streamlit_kit import *\n{manager}={said})\n", default_timeout=30
    )
    page.run()
    assert "but it must be a number of seconds" in page.exception[0].message


def test_a_task_has_no_session_of_its_own_nor_of_another() -> None:
    script = (
        "import streamlit as st\n"
        "from streamlit_kit import AsyncTaskManager\n"
        "tasks = AsyncTaskManager()\n"
        "tasks.submit('x', lambda context: tasks.results())\n"
        "st.text(tasks.join('x', 30).error)\n"
    )
    assert run(script)[0].startswith("NoSession: there is no session here")


def test_shared_tasks_need_no_session() -> None:
    results: list[TaskResult] = []

    def elsewhere() -> None:
        tasks = AsyncTaskManager(shared=True)
        results.append(tasks.submit("test_page", lambda _: "value").join(30))
        tasks.forget("test_page")

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(30)
    until(lambda: results, "the thread's task")
    assert results[0].value == "value"


def test_a_cached_manager_is_everybodys_and_yet_each_ones_own() -> None:
    script = (
        "import streamlit as st\n"
        "from streamlit_kit import AsyncTaskManager\n"
        "AsyncTaskManager()\n"
        "@st.cache_resource\n"
        "def cached_of_test_page():\n"
        "    import streamlit_kit.tasks.manager as m\n"
        "    made = m.AsyncTaskManager(shared=True)\n"
        "    made._shared = False\n"
        "    return made\n"
        "tasks = cached_of_test_page()\n"
        "st.text(tasks.get_result('x') is None)\n"
        "tasks.submit('x', lambda context: 1).join(30)\n"
        "st.text(tasks.get_result('x') is None)\n"
    )
    try:
        assert run(script) == run(script) == ["True", "False"]
    finally:
        st.cache_resource.clear()
