"""Readers see a log as one stream, whatever rotation does."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_controls.logfile import follow, following, rotate, rotation, tail
from streamlit_controls.logfile.stream import Stream

KIB = 1024


class IdleError(Exception):
    """Raised in place of a pause: the follower has read all there is."""


def pause() -> None:
    raise IdleError


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


class Following:
    """A follower whose pauses run what a test wants to happen meanwhile."""

    def __init__(self, path: Path, lines: int) -> None:
        self.meanwhile: list[Callable[[], object]] = []
        self.lines: Iterator[str] = follow(path, lines, self._pause)

    def _pause(self) -> None:
        if not self.meanwhile:
            raise IdleError
        self.meanwhile.pop(0)()

    def read(self, *meanwhile: Callable[[], object]) -> list[str]:
        self.meanwhile = list(meanwhile)
        seen: list[str] = []
        with pytest.raises(IdleError):
            self._read_into(seen)
        return seen

    def _read_into(self, seen: list[str]) -> None:
        for line in self.lines:
            seen.append(line)  # noqa: PERF402 - the follower ends by an exception


def test_tail_of_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list(tail(tmp_path / "hello.log", 10)) == []


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("", 5, []),
        ("a\nb\nc\n", 2, ["b", "c"]),
        ("a\nb\nc\n", 0, []),
        ("a\nb\nc\n", 9, ["a", "b", "c"]),
        ("a\nb\nunfinished", 2, ["b", "unfinished"]),
        ("a\n\n\n", 2, ["", ""]),
        ("one\r\ntwo\r\n", 2, ["one", "two"]),
        ("unfinished", 1, ["unfinished"]),
    ],
)
def test_tail(tmp_path: Path, text: str, count: int, expected: list[str]) -> None:
    log = tmp_path / "hello.log"
    log.write_bytes(text.encode())
    assert list(tail(log, count)) == expected


def test_tail_shows_bytes_that_are_no_text(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    log.write_bytes(b"caf\xe9\n")
    assert list(tail(log, 1)) == ["caf�"]


def test_tail_reads_back_over_pieces(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    lines = [f"line {number:06d}" for number in range(5000)]
    append(log, "\n".join(lines) + "\n")
    while rotate(log, 8 * KIB, 50):
        pass
    assert len(list(tmp_path.iterdir())) > 5
    assert list(tail(log, 4000)) == lines[-4000:]
    assert list(tail(log, 9999)) == lines


@given(
    parts=st.lists(st.text("ab\n", max_size=12), min_size=1, max_size=6),
    count=st.integers(0, 12),
)
def test_tail_is_the_end_of_all_lines(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], count: int
) -> None:
    folder = tmp_path_factory.mktemp("log")
    log = folder / "x.log"
    *pieces, live = parts
    for number, text in enumerate(reversed(pieces), 1):
        (folder / f"x.log.{number}").write_text(text)
    log.write_text(live)
    lines = "".join(parts).split("\n")
    if lines[-1] == "":
        lines.pop()
    assert list(tail(log, count)) == (lines[-count:] if count else [])


def test_last_lines_span_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit_controls.logfile.stream.BLOCK", 7)
    log = tmp_path / "hello.log"
    lines = [f"line {number}" for number in range(50)]
    log.write_text("\n".join(lines) + "\n")
    with log.open() as live, Stream.locked(log, live.fileno()) as stream:
        assert stream.end - stream.last_lines(3) == len("line 47\nline 48\nline 49\n")
    assert list(tail(log, 20)) == lines[-20:]


def test_follow_waits_for_a_log_to_appear(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    following = Following(log, 10)
    assert following.read(lambda: append(log, "first\n")) == ["first"]


def test_follow_gives_a_line_once_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    append(log, "old\nstart")
    following = Following(log, 1)
    assert following.read(
        lambda: append(log, " of a line"), lambda: append(log, ", its end\nnext\n")
    ) == ["start of a line, its end", "next"]


def test_follow_goes_on_across_rotations(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    lines = [f"line {number:06d}" for number in range(4000)]

    def write(start: int) -> None:
        append(log, "".join(f"{line}\n" for line in lines[start : start + 1000]))

    def turn() -> None:
        while rotate(log, 8 * KIB, 9):
            pass

    write(0)
    following = Following(log, 1000)
    seen = following.read(
        turn, lambda: write(1000), turn, turn, lambda: write(2000), turn, lambda: write(3000)
    )
    assert seen == lines


def test_follow_says_where_it_was_too_slow(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    append(log, "x" * 9000 + "\n")
    assert rotate(log, 8 * KIB, 2)
    append(log, "first\n")

    def much() -> None:
        for start in range(0, 9000, 1000):
            append(log, "".join(f"line {number}\n" for number in range(start, start + 1000)))
            while rotate(log, 8 * KIB, 2):
                pass

    seen = Following(log, 1).read(much)
    assert seen[:2] == ["first", following.GAP]
    assert seen[-1] == "line 8999"
    numbers = [int(line.removeprefix("line ")) for line in seen[2:]]
    assert numbers == list(range(numbers[0], 9000))


def test_follow_says_where_a_log_grew_too_fast_to_be_kept(tmp_path: Path) -> None:
    """Also one that had no piece yet, and whose end it had read."""
    log = tmp_path / "hello.log"
    append(log, "first\n")
    lines = [f"line {number}\n" for number in range(20_000)]
    seen = Following(log, 1).read(
        lambda: append(log, "".join(lines)),
        lambda: rotate(log, 8 * KIB, 2),
        lambda: append(log, "last\n"),
    )
    assert seen[:20_001] == ["first", *(line.strip() for line in lines)]
    assert seen[20_001] == following.GAP
    assert seen[-1] == "last"


def test_follow_says_what_a_full_disk_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "hello.log"
    append(log, "x" * 9000 + "\nfirst\n")
    assert rotate(log, 8 * KIB, 2)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def rotate_without_room() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(rotation, "_copy", full)
            assert rotate(log, 8 * KIB, 2)

    lines = [f"line {number:06d}" for number in range(2000)]
    seen = Following(log, 1).read(
        lambda: append(log, "\n".join(lines[:1000]) + "\n"),
        rotate_without_room,
        lambda: append(log, "\n".join(lines[1000:]) + "\n"),
    )
    assert seen[:1001] == ["first", *lines[:1000]]
    assert seen[1001] == following.GAP
    assert seen[-1000:] == lines[1000:]


def test_follow_starts_over_where_the_log_was_deleted_or_emptied(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    append(log, "first\n")
    assert Following(log, 10).read(
        log.unlink,
        lambda: append(log, "second\n"),
        lambda: log.write_text(""),
        lambda: append(log, "third\n"),
    ) == ["first", "second", "third"]


def test_follow_closes_what_it_opened(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    append(log, "a\nb\n")
    with closing(follow(log, 2, pause)) as lines:
        assert list(islice(lines, 2)) == ["a", "b"]


def test_an_endless_line_comes_in_parts(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    log.write_bytes(b"x" * (following.CHUNK + 5))
    assert [len(line) for line in tail(log, 1)] == [following.CHUNK, 5]
