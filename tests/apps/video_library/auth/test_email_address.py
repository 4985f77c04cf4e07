"""Addresses of any sort: what is one, and which are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from video_auth.email_address import key_of, normalised
from video_auth.error import InvalidEmail

LOCAL = st.text(min_size=1, max_size=12)
DOMAIN = st.sampled_from(["example.org", "EXAMPLE.org", "exämple.org", "xn--exmple-cua.org"])
ADDRESSES = st.builds(lambda local, domain: f"{local}@{domain}", LOCAL, DOMAIN)


@given(st.one_of(ADDRESSES, st.text(max_size=40)))
def test_whatever_is_asked_there_is_an_answer(email: str) -> None:
    key = key_of(email)
    assert key_of(key) == key
    try:
        address = normalised(email)
    except InvalidEmail:
        return
    assert normalised(address) == address
    assert key_of(address) == key
    key.encode()


@given(ADDRESSES)
def test_case_makes_no_other_address(email: str) -> None:
    assert key_of(email.casefold()) == key_of(email)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "ADA@EXAMPLE.ORG"),
        ("straße@example.org", "STRASSE@example.org"),
        ("ς@example.org", "Σ@example.org"),
        ("\u212b@example.org", "å@example.org"),
        ("ada@exämple.org", "ada@XN--EXMPLE-CUA.org"),
        ("ada@example\u3002org", "ada@example.org"),
        ("ada@ＥＸＡＭＰＬＥ.org", "ada@example.org"),
    ],
)
def test_these_are_the_same(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "ada@example.com"),
        ("ada+films@example.org", "ada@example.org"),
        ("a.da@example.org", "ada@example.org"),
        ("аda@example.org", "ada@example.org"),  # the first letter is Cyrillic
    ],
)
def test_these_are_not(one: str, other: str) -> None:
    assert normalised(one)
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize("odd", ["\u200b", "\u202e", "\u2066", "\0", "\x7f", "\u2028", "\ufeff"])
@pytest.mark.parametrize("shape", ["a{}b@example.org", "ab@exa{}mple.org"])
def test_characters_that_nobody_sees(shape: str, odd: str) -> None:
    with pytest.raises(InvalidEmail):
        normalised(shape.format(odd))
