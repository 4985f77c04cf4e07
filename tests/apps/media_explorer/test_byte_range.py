"""The Range header."""

import pytest
from byte_range import RangeNotSatisfiableError, parse_range
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=2-5", (2, 6)),
        ("bytes=2-", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-30", (0, 10)),
        ("bytes=2-500", (2, 10)),
        ("BYTES = 2-5", (2, 6)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("bytes=²-3", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_parse_range(header: str | None, expected: tuple[int, int] | None) -> None:
    assert parse_range(header, 10) == expected


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_a_range_after_the_end_cannot_be_sent(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiableError):
        parse_range(header, size)


@given(header=st.text(max_size=30).map("bytes=".__add__), size=st.integers(0, 10**12))
def test_nothing_outside_the_file_is_ever_asked_for(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except RangeNotSatisfiableError:
        return
    assert found is None or 0 <= found[0] < found[1] <= size
