"""Which bytes a request asks for, against what RFC 9110 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from video_api.byte_range import NotSatisfiable, is_unchanged, wanted_range

ETAG = "ab" * 32


def wanted(value: str, size: int = 100, condition: str | None = None) -> tuple[int, int] | None:
    headers = {"range": value} | ({} if condition is None else {"if-range": condition})
    return wanted_range(headers, size, ETAG)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-99", (0, 100)),
        ("bytes=0-100", (0, 100)),
        ("bytes=0-99999999999999999999999", (0, 100)),
        ("bytes=99-", (99, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=-1", (99, 100)),
        ("bytes=-100", (0, 100)),
        ("bytes=-101", (0, 100)),
        ("bytes=-99999999999999999999999", (0, 100)),
        ("BYTES=5-6", (5, 7)),
        ("bytes= 5-6 ", (5, 7)),
        # What is nonsense, another unit or several ranges is as if it were not there.
        ("", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=-0", None),
        ("bytes=--1", None),
        ("bytes=5", None),
        ("bytes=6-5", None),
        ("bytes=a-b", None),
        ("bytes=1-2-3", None),
        ("bytes=+1-2", None),
        ("bytes=1_0-2_0", None),
        ("bytes=٠-٩", None),
        ("bytes=0x1-0x2", None),
        ("items=0-5", None),
        ("bytes=0-1,5-6", None),
        ("bytes=0-1,", None),
        ("bytes=" + ",".join(f"{each}-{each}" for each in range(0, 9999, 2)), None),
    ],
)
def test_ranges(value: str, found: tuple[int, int] | None) -> None:
    assert wanted(value) == found


@pytest.mark.parametrize("value", ["bytes=100-", "bytes=100-200", "bytes=999999999999999999999-"])
def test_ranges_after_the_end(value: str) -> None:
    with pytest.raises(NotSatisfiable):
        wanted(value)


@given(st.integers(1, 1000), st.integers(0, 1200), st.integers(0, 1200) | st.none())
def test_what_is_sent_is_what_was_asked_for(size: int, first: int, last: int | None) -> None:
    value = f"bytes={first}-{'' if last is None else last}"
    try:
        found = wanted(value, size)
    except NotSatisfiable:
        assert first >= size
        return
    if found is None:
        assert last is not None
        assert last < first
    else:
        assert found == (first, size if last is None else min(last + 1, size))


@given(st.integers(1, 1000), st.integers(1, 1200))
def test_the_last_bytes(size: int, count: int) -> None:
    assert wanted(f"bytes=-{count}", size) == (max(size - count, 0), size)


@given(st.text(max_size=40))
def test_no_value_is_an_error(value: str) -> None:
    for header in (value, f"bytes={value}"):
        try:
            found = wanted(header)
        except NotSatisfiable:
            continue
        assert found is None or 0 <= found[0] < found[1] <= 100


@pytest.mark.parametrize(
    ("condition", "is_same"),
    [
        (f'"{ETAG}"', True),
        (f'W/"{ETAG}"', False),
        (ETAG, False),
        ('"other"', False),
        ("Thu, 26 Nov 2026 22:34:44 GMT", False),
        ("", False),
        ("*", False),
    ],
)
def test_a_range_of_one_version_only(condition: str, is_same: bool) -> None:
    assert wanted("bytes=0-4", condition=condition) == ((0, 5) if is_same else None)


@pytest.mark.parametrize(
    ("tags", "is_same"),
    [
        (f'"{ETAG}"', True),
        (f'W/"{ETAG}"', True),
        (f'"other", "{ETAG}"', True),
        ("*", True),
        ('"other"', False),
        ("", False),
        ('"', False),
        (",,,", False),
    ],
)
def test_copies_that_are_still_good(tags: str, is_same: bool) -> None:
    assert is_unchanged({"if-none-match": tags}, ETAG) is is_same
    assert not is_unchanged({}, ETAG)
