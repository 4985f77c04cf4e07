"""Folders and links: exactly what may be shown is listed, and exactly that can be opened."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_source import LinkSource
from media_error import LinkNotFetchedError, SourceUnavailableError, UnknownFileError
from media_type import content_type, suffix

from tests.apps.media_explorer.conftest import VISIBLE, make_picture
from tests.apps.media_explorer.subjects import folder_source, names


def test_lists_by_real_suffix_in_any_case_and_only_files(folder: Path) -> None:
    assert names(folder_source(folder)) == VISIBLE


NO_NAMES = (
    *("..", ".", "", "loop.png", "dangling.png", "pipe.png", "folder.png", "//etc/passwd"),
    *("one.png\0", "one.png\0.txt", "one.png/", "\udcff.png", "x" * 300 + ".png"),
)


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_not_listed_does_not_exist(folder: Path, name: str) -> None:
    pictures = folder_source(folder)
    for ask in (pictures.find, pictures.open, pictures.delete):
        with pytest.raises(UnknownFileError) as caught:
            ask(name)
        assert str(folder) not in caught.value.message


def test_a_link_inside_the_folder_is_followed(folder: Path) -> None:
    with folder_source(folder).open("same.png").stream as stream:
        assert stream.read() == (folder / "one.png").read_bytes()


def test_a_folder_that_is_itself_a_link_is_a_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(folder)
    assert names(folder_source(tmp_path / "alias")) == VISIBLE


def test_a_filter_is_not_passed_round_by_a_link(folder: Path) -> None:
    (folder / "two.png").symlink_to("one.png")
    assert names(folder_source(folder, "two")) == {"TWO.JPG"}


def test_a_name_that_is_not_utf8_is_left_out(tmp_path: Path) -> None:
    with Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")).open("wb") as file:
        file.write(b"x")
    make_picture(tmp_path / "one.png")
    assert names(folder_source(tmp_path)) == {"one.png"}


def test_a_folder_that_is_gone_is_said_without_its_path(tmp_path: Path) -> None:
    gone = folder_source(tmp_path / "gone")
    for ask in (gone.items, lambda: gone.find("one.png")):
        with pytest.raises(SourceUnavailableError) as caught:
            ask()
        assert str(tmp_path) not in caught.value.message + caught.value.hint


@given(names_=st.sets(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=20)))
@settings(max_examples=60, deadline=None)
def test_every_listed_name_opens(
    tmp_path_factory: pytest.TempPathFactory, names_: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in names_:
        try:
            (folder / f"{name}.png").write_bytes(name.encode())
        except (OSError, UnicodeEncodeError):
            continue
    pictures = folder_source(folder)
    for item in pictures.items():
        with pictures.open(item.name).stream as stream:
            assert stream.read() == item.name.removesuffix(".png").encode()


LINKS = (
    "https://example.org/z.jpg",
    "https://example.org/b/a%20b.png?x=1",
    "https://example.net/z.jpg",
    "https://example.com/",
    "https://example.com/..",
)


def test_links_have_names_of_their_own_and_are_not_fetched() -> None:
    links = LinkSource("web", LINKS, "")
    assert [item.name for item in links.items()] == [
        "z.jpg",
        "a b.png",
        "z.jpg (2)",
        "example.com",
        "example.com (2)",
    ]
    assert links.find("z.jpg (2)").url == "https://example.net/z.jpg"
    with pytest.raises(LinkNotFetchedError):
        links.open("z.jpg")
    with pytest.raises(UnknownFileError):
        links.open("nothing")


def test_the_filter_narrows_links() -> None:
    assert names(LinkSource("web", LINKS, "Z.J")) == {"z.jpg", "z.jpg (2)"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.JPG", "jpg"),
        ("a.b.png", "png"),
        ("jpg", ""),
        (".jpg", ""),
        ("a.", ""),
        ("jpg.txt", "txt"),
    ],
)
def test_suffix(name: str, expected: str) -> None:
    assert suffix(name) == expected


def test_content_types_do_not_depend_on_the_machine() -> None:
    assert content_type("a.JPEG") == "image/jpeg"
    assert content_type("a.svg") == "image/svg+xml"
    assert content_type("a.html") == "application/octet-stream"
