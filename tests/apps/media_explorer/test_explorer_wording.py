"""Texts for people."""

from datetime import timedelta

import pytest
from explorer.wording import ago_text, count_text, plain, size_text


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (None, None),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (235_499, "235 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (5_300_000_000, "5.3 GB"),
        (7_000_000_000_000, "7000 GB"),
    ],
)
def test_size_text(size: int | None, expected: str | None) -> None:
    assert size_text(size) == expected


def test_count_text() -> None:
    assert [count_text(n, "file") for n in (0, 1, 1234)] == ["0 files", "1 file", "1,234 files"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b.png", r"a b\.png"),
        ("**x**", r"\*\*x\*\*"),
        (":red[x]", r"\:red\[x\]"),
        ("<b>&amp;", r"\<b\>\&amp;"),
        ("# a\n\n- b", r"\# a \- b"),
        ("猫", "猫"),
    ],
)
def test_plain_leaves_nothing_for_markdown(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7199, "1 hour ago"),
        (200_000, "2 days ago"),
    ],
)
def test_ago_text(seconds: int, expected: str) -> None:
    assert ago_text(timedelta(seconds=seconds)) == expected
