"""Titles from whatever clients call their files."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from video_api.title import LONGEST, UNTITLED, title_of


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("holiday.mp4", "holiday"),
        ("holiday.MP4", "holiday"),
        ("two.dots.mp4", "two.dots"),
        ("no ending", "no ending"),
        ("film.mov", "film.mov"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\film.mp4", "film"),
        ("/absolute/film.mp4", "film"),
        ("folder/", UNTITLED),
        ("..", UNTITLED),
        (".mp4", UNTITLED),
        ("", UNTITLED),
        ("  spaced \t out .mp4", "spaced out"),
        ("a\r\nSet-Cookie: b.mp4", "aSet-Cookie: b"),
        ("a\0b.mp4", "ab"),
        ("fi\u202egpj.mp4", "figpj"),
        ("\u2066\u2069\u200b\ufeff.mp4", UNTITLED),
        ("e\u0301te\u0301.mp4", "été"),
        ("<script>alert(1)</script>.mp4", "script>"),
        ("<img src=x onerror=alert(1)>.mp4", "<img src=x onerror=alert(1)>"),
        ("👩‍👧 at the sea.mp4", "👩‍👧 at the sea"),
        ("\ud800.mp4", UNTITLED),
        ("x" * 500, "x" * LONGEST),
    ],
)
def test_titles(name: str, title: str) -> None:
    assert title_of(name) == title


@given(st.text(st.characters(), max_size=400))
def test_every_title_can_be_shown(name: str) -> None:
    title = title_of(name)
    assert 1 <= len(title) <= LONGEST
    assert "/" not in title
    assert "\\" not in title
    assert title == title.strip()
    shown = title.replace("\u200c", "").replace("\u200d", "")
    assert not {unicodedata.category(each)[0] for each in shown} & {"C"}
    title.encode()
