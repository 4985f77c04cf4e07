"""Forms in pieces of any size: what they mean does not depend on where they are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from video_api.upload_form import (
    BrokenForm,
    FileBegins,
    FileData,
    FileEnds,
    SeveralFiles,
    UploadForm,
)

BOUNDARY = "a-boundary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, content: bytes, file_name: str | None = None, extra: str = "") -> bytes:
    called = "" if file_name is None else f'; filename="{file_name}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{called}\r\n{extra}\r\n'
    return head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def read(body: bytes, cuts: list[int] | None = None) -> tuple[str | None, bytes, UploadForm]:
    """Return the file's name, its content and the form, of a body cut in pieces."""
    taken = UploadForm(TYPE)
    name, content, ends = None, b"", 0
    for start, end in pairwise([0, *sorted(cuts or []), len(body)]):
        for event in taken.feed(body[start:end]):
            match event:
                case FileBegins(said):
                    assert name is None
                    name = said
                case FileData(data):
                    assert name is not None
                    assert not ends
                    content += data
                case FileEnds():
                    ends += 1
    assert ends <= 1
    return name, content, taken


CONTENTS = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [b"\r", b"\n", b"--", BOUNDARY.encode(), b"\r\n--", b"a", b"\r\n--a-bound"]
        ),
        max_size=12,
    ).map(b"".join),
).filter(lambda content: f"\r\n--{BOUNDARY}".encode() not in b"\r\n" + content)


@given(content=CONTENTS, data=st.data())
def test_a_file_is_the_same_however_it_is_cut(content: bytes, data: st.DataObject) -> None:
    body = form(part("note", b"some words"), part("file", content, "a.mp4"), part("more", b""))
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=12))
    name, found, taken = read(body, cuts)
    assert (name, found) == ("a.mp4", content)
    assert taken.is_whole


def test_a_form_byte_by_byte() -> None:
    body = form(part("file", b"\r\n--a-boundar\r\n", "a.mp4"))
    assert read(body, list(range(len(body))))[1] == b"\r\n--a-boundar\r\n"


@given(st.integers(0, 200))
def test_a_form_that_is_cut_short_is_not_whole(end: int) -> None:
    body = form(part("file", b"x" * 100, "a.mp4"))
    _, _, taken = read(body[: min(end, len(body) - 4)])
    assert not taken.is_whole


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("film.mp4", "film.mp4"),
        ('a\\"b.mp4', 'a"b.mp4'),
        ("a%22b.mp4", 'a"b.mp4'),
        ("été.mp4", "été.mp4"),
        ("semi;colon.mp4", "semi;colon.mp4"),
        ("", ""),
    ],
)
def test_names(said: str, name: str) -> None:
    assert read(form(part("file", b"x", said)))[0] == name


def test_a_file_without_a_name_is_a_file() -> None:
    assert read(form(part("file", b"x")))[:2] == ("", b"x")


@pytest.mark.parametrize(
    "parts",
    [
        (part("file", b"x", "a"), part("file", b"x", "b")),
        (part("file", b"x", "a"), part("file", b"x")),
        (part("other", b"x", "a"), part("file", b"x", "b")),
        (part("file", b"x", "a"), part("other", b"x", "b")),
    ],
)
def test_several_files(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(SeveralFiles):
        read(form(*parts))


@pytest.mark.parametrize(
    "body",
    [
        b"nothing like a form",
        b"--another-boundary\r\n",
        form(part("file", b"x", extra="bad header\r\n")),
        form(part("file", b"x", extra="X-Long: " + "x" * 20_000 + "\r\n")),
        form(part("file", b"x", extra="X: y\r\n" * 2_000)),
        form(part("note", b"x" * 70_000)),
        f"--{BOUNDARY}\r\n\r\nno disposition\r\n".encode(),
        f"--{BOUNDARY}\r\nContent-Disposition: attachment; name=file\r\n\r\nx".encode(),
        f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx".encode(),
    ],
)
def test_broken_forms(body: bytes) -> None:
    with pytest.raises(BrokenForm):
        read(body)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=x",
        "multipart/form-data; boundary=" + "x" * 300,
        "application/x-www-form-urlencoded",
    ],
)
def test_types_that_are_no_forms(content_type: str | None) -> None:
    with pytest.raises(BrokenForm):
        UploadForm(content_type)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    taken = UploadForm(TYPE)
    try:
        taken.feed(f"--{BOUNDARY}\r\n".encode() + body)
    except (BrokenForm, SeveralFiles):
        return
