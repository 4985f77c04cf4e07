"""Filtering, sorting and cutting listings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media_item import MediaItem
from media_listing import MediaQuery, arrange, matches

NAMES = ["img10.png", "Img2.png", "b.png", "a.png", "äpfel.png", "img02.png"]


def items(names: list[str], times: list[int] | None = None) -> list[MediaItem]:
    times = times or list(range(len(names)))
    return [
        MediaItem(name, "file", "image/png", 1, time)
        for name, time in zip(names, times, strict=True)
    ]


def listed(query: MediaQuery, of: list[MediaItem]) -> list[str]:
    return [item.name for item in arrange(of, query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (MediaQuery(), NAMES[::-1]),
        (MediaQuery(ascending=True), NAMES),
        (
            MediaQuery(sort_by_date_flag=False, ascending=True),
            ["a.png", "b.png", "Img2.png", "img02.png", "img10.png", "äpfel.png"],
        ),
        (
            MediaQuery(sort_by_date_flag=False),
            ["äpfel.png", "img10.png", "img02.png", "Img2.png", "b.png", "a.png"],
        ),
        (MediaQuery(sort_flag=False), NAMES),
        (MediaQuery("IMG", sort_flag=False), ["img10.png", "Img2.png", "img02.png"]),
        (MediaQuery("", sort_flag=False), NAMES),
        (MediaQuery("nothing"), []),
    ],
)
def test_arrange(query: MediaQuery, expected: list[str]) -> None:
    assert listed(query, items(NAMES)) == expected


def test_equal_dates_fall_back_to_names_from_a_to_z() -> None:
    equal = items(["b", "c", "a"], [5, 5, 5])
    assert listed(MediaQuery(), equal) == listed(MediaQuery(ascending=True), equal) == list("abc")


@pytest.mark.parametrize("by_date", [True, False])
def test_links_are_sorted_too(by_date: bool) -> None:
    links = [MediaItem(name, "link", "image/png", url="http://e.org") for name in ("b", "c", "a")]
    query = MediaQuery(sort_by_date_flag=by_date, ascending=True)
    assert listed(query, links) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "keyword", "expected"),
    [
        ("Straße.png", "STRASSE", True),
        ("é.png", "e\u0301", True),
        ("e\u0301.png", "É", True),
        ("a*b.png", "*", True),
        ("ab.png", "*", False),
        ("a.png", "", True),
    ],
)
def test_matches(name: str, keyword: str, expected: bool) -> None:
    assert matches(name, keyword) is expected


@given(names=st.lists(st.text(max_size=12), unique=True), reverse=st.booleans())
def test_order_by_name_does_not_depend_on_the_order_before(names: list[str], reverse: bool) -> None:
    query = MediaQuery(sort_by_date_flag=False, ascending=reverse)
    assert listed(query, items(names)) == listed(query, items(names[::-1]))
    assert sorted(listed(query, items(names))) == sorted(names)


ASCII = st.text(st.characters(codec="ascii"))


@given(before=ASCII, keyword=ASCII, after=ASCII)
def test_a_part_of_a_name_matches_in_any_case(before: str, keyword: str, after: str) -> None:
    assert matches(before + keyword + after, keyword.swapcase())
