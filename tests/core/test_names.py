"""What apps, services and instances may be called."""

import re

import pytest

from streamlit_controls.core import names


@pytest.mark.parametrize("key", ["a", "hello", "media-explorer", "Sales_2024", "0day", "a-", "A"])
def test_slugs(key: str) -> None:
    assert names.SLUG.match(key)


@pytest.mark.parametrize(
    "key", ["", "-a", "_a", ".a", "a b", "a.b", "a/b", "ä", "a\n", "~a", "a\0", "@site"]
)
def test_no_slugs(key: str) -> None:
    assert not names.SLUG.match(key)


@pytest.mark.parametrize("path", ["/a/", "/a/b/", "/A.b/", "/a~b/", "/sales-2024/q1_x/"])
def test_url_paths(path: str) -> None:
    assert names.URL_PATH.match(path)


@pytest.mark.parametrize("path", ["", "/", "a/", "/a", "//", "/a//b/", "/../", "/~x/", "/a/\n"])
def test_no_url_paths(path: str) -> None:
    assert not names.URL_PATH.match(path)


def test_instance_ids_are_new_and_have_no_look_alikes() -> None:
    made = {names.instance_id() for _ in range(500)}
    assert len(made) == 500
    assert all(re.fullmatch("[a-km-np-z2-9]{6}", each) for each in made)


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("hello", "Hello"),
        ("media-explorer", "Media explorer"),
        ("sales__by_region", "Sales by region"),
        ("x-", "X"),
    ],
)
def test_titles(key: str, title: str) -> None:
    assert names.title(key) == title


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("helo", "did you mean hello?"),
        ("wesbite_port", "did you mean website_port?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_suggestions(word: str, said: str) -> None:
    assert names.suggestion(word, ["hello", "media", "website_port"]) == said


def test_several_suggestions() -> None:
    assert names.suggestion("app", ["app1", "app2", "sales"]) == "did you mean app2 or app1?"


@pytest.mark.parametrize(
    ("service", "name"), [("media-server", "MEDIA_SERVER"), ("Api2", "API2"), ("a_b", "A_B")]
)
def test_environment_names(service: str, name: str) -> None:
    assert names.environment_name(service) == name
