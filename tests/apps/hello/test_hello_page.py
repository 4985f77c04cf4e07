"""The hello page, run by Streamlit's own test runner."""

import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[3] / "apps" / "hello"


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(APP / "app.py"), default_timeout=30).run()


def reached(page: AppTest) -> float:
    return float(page.metric[2].value.rstrip("%"))


def test_shows_a_chart_and_says_what_it_is(page: AppTest) -> None:
    assert not page.exception
    assert "Hello" in page.title[0].value
    assert len(page.get("vega_lite_chart")) == 1
    assert "slider" in page.markdown[0].value


@pytest.mark.parametrize("shape", ["Square", "Sawtooth", "Triangle"])
def test_more_waves_come_nearer_to_the_shape(page: AppTest, shape: str) -> None:
    page.segmented_control[0].set_value(shape).run()
    near = []
    for count in (1, 5, 40):
        page.slider[0].set_value(count).run()
        assert not page.exception
        assert page.metric[0].value == str(count)
        near.append(reached(page))
    assert near == sorted(near)
    assert near[-1] > 95


def test_is_small_and_needs_nothing_of_its_own() -> None:
    assert len((APP / "app.py").read_text(encoding="utf-8").splitlines()) < 100
    assert not (APP / "requirements.txt").exists()
    manifest = tomllib.loads((APP / "app.toml").read_text(encoding="utf-8"))
    assert set(manifest) == {"name", "description", "icon", "tags"}
