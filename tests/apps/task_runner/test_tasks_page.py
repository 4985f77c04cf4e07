"""The page of tasks, run by Streamlit's own test runner."""

import dataclasses
from collections.abc import Iterator
from types import MappingProxyType

import pytest
import streamlit as st
from computations import catalogue
from computations.catalogue import COMPUTATIONS
from computations.computation import Step
from streamlit.testing.v1 import AppTest
from task_runner import job, start_form

from tests.apps.task_runner.conftest import APP, LARGE, SMALL
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("own_pool")


@pytest.fixture
def page() -> Iterator[AppTest]:
    st.cache_resource.clear()
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=30).run()
    assert not page.exception
    yield page
    assert not page.exception
    st.cache_resource.clear()


def choose(page: AppTest, key: str, arguments: dict[str, int | str]) -> None:
    """Choose a computation and its arguments."""
    page.segmented_control(key="computation").set_value(key).run()
    for name, value in arguments.items():
        widget = f"{key}-{name}"
        if name == "seed":
            page.number_input(key=widget).set_value(int(value))
        elif isinstance(value, str):
            page.selectbox(key=widget).select(value)
        else:
            page.select_slider(key=widget).set_value(value)


def press(page: AppTest, label: str) -> None:
    (button,) = (each for each in page.button if each.label == label)
    button.click().run()


def badges(page: AppTest) -> list[str]:
    """Return how the tasks are doing, in the order in which they are shown."""
    words = [each.value for each in page.markdown if "-badge[" in each.value]
    return [word.rpartition(" ")[2].rstrip("]") for word in words]


def settle(page: AppTest, *expected: str) -> None:
    """Run the page again, as it does by itself, until the tasks are doing as expected."""
    until(lambda: badges(page.run()) == list(expected), f"{expected}")


@pytest.mark.parametrize("key", COMPUTATIONS)
def test_a_computation_is_shown_from_its_start_to_its_result(page: AppTest, key: str) -> None:
    assert "Nothing runs yet" in page.info[0].value
    choose(page, key, SMALL[key])
    press(page, "Start")
    settle(page, "Done")
    metrics = {each.label: each.value for each in page.metric}
    assert len(metrics) == 3
    if key == "primes":
        assert metrics == {"Result": "78,498", "Largest": "999,983", "Twins": "8,169"}
    assert job.Job(1, COMPUTATIONS[key], SMALL[key]).wording in {
        each.value for each in page.caption
    }
    assert len(page.get("vega_lite_chart")) + len(page.get("image")) == 1


def test_several_at_once_and_the_newest_first(page: AppTest) -> None:
    for millions in (1, 10):
        choose(page, "primes", {"millions": millions})
        press(page, "Start")
    settle(page, "Done", "Done")
    results = [each.value for each in page.metric if each.label == "Result"]
    assert results == ["664,579", "78,498"]


def test_one_of_each_and_a_queue(page: AppTest) -> None:
    press(page, "Start one of each")
    assert len(badges(page)) == len(COMPUTATIONS)
    settle(page, "Queued", "Running", "Running", "Running")
    press(page, "Cancel all")
    settle(page, *["Cancelled"] * 4)
    press(page, "Remove all")
    assert "Nothing runs yet" in page.info[0].value


def test_cancelled_and_run_again_and_removed(page: AppTest) -> None:
    choose(page, "pi", LARGE["pi"])
    press(page, "Start")
    settle(page, "Running")
    until(lambda: page.run().metric, "a first estimate")
    press(page, "Cancel")
    settle(page, "Cancelled")
    assert page.metric, "what was found is kept"
    press(page, "Run again")
    settle(page, "Running", "Cancelled")
    assert len({each.value for each in page.caption if "darts" in each.value}) == 1
    press(page, "Remove")
    settle(page, "Running")
    press(page, "Cancel")


def test_a_failure_is_told(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> Iterator[Step]:
        raise MemoryError("the plane is too large")

    fractal = dataclasses.replace(COMPUTATIONS["fractal"], steps=broken)
    changed = MappingProxyType({**COMPUTATIONS, "fractal": fractal})
    for module in (catalogue, job, start_form):
        monkeypatch.setattr(module, "COMPUTATIONS", changed)
    press(page, "Start")
    settle(page, "Failed")
    assert "the plane is too large" in page.error[0].value


def test_too_many_are_refused(page: AppTest) -> None:
    for _ in range(6):
        press(page, "Start one of each")
    assert len(badges(page)) == 23, "three that run and twenty that wait"
    assert "was not started: 20 tasks are waiting already" in page.toast[0].value
    press(page, "Cancel all")


def test_nobody_sees_another_s_tasks(page: AppTest) -> None:
    choose(page, "primes", SMALL["primes"])
    press(page, "Start")
    settle(page, "Done")
    other = AppTest.from_file(str(APP / "app.py"), default_timeout=30).run()
    assert "Nothing runs yet" in other.info[0].value
