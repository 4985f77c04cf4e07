"""The examples of the documentation run as they stand there."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "docs/streamlit-kit.md", ROOT / "streamlit_kit/README.md")
EXAMPLES = [
    pytest.param(code, id=f"{page.parent.name}-{number}")
    for page in PAGES
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL))
]


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_runs_and_runs_again(code: str) -> None:
    page = AppTest.from_string(code, default_timeout=30)
    page.run()
    assert not page.exception
    for label in [button.label for button in page.button] * 2:
        for button in page.button:
            if button.label == label:
                button.click().run()
                assert not page.exception
                break


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 7
