"""The one line of a log that says what went wrong."""

import pytest

from streamlit_controls.core.complaint import LONGEST, complaint


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ""),
        (["starting", "out of memory"], "out of memory"),
        (["Traceback (most recent call last):", "ValueError: no", "503 GET /"], "ValueError: no"),
        (["ImportError: first", "requests.exceptions.HTTPError: then"],
         "requests.exceptions.HTTPError: then"),
        (["Error: cannot open port"], "Error: cannot open port"),
        (["KeyboardInterrupt"], "KeyboardInterrupt"),
        (["see ValueError: not at the start"], "see ValueError: not at the start"),
        (["x" * 1000], "x" * LONGEST),
    ],
)  # fmt: skip
def test_the_last_line_of_a_traceback_speaks_first(lines: list[str], expected: str) -> None:
    assert complaint(lines) == expected
