"""A log stays bounded and keeps every line."""

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from itertools import islice, pairwise
from pathlib import Path

import pytest

from streamlit_controls.logfile import follow, rotate, rotation, tail

WRITER = Path(__file__).with_name("writer.py")
KIB = 1024


def numbered(start: int, stop: int) -> str:
    return "".join(f"line {number:06d}\n" for number in range(start, stop))


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def whole(path: Path) -> str:
    """All that is left of a log: its pieces, oldest first, and the live file."""
    pieces = sorted(path.parent.glob(f"{path.name}.*"), key=lambda each: -int(each.suffix[1:]))
    return "".join(each.read_text() for each in [*pieces, path])


@pytest.fixture(params=["collapse", "truncate"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    probe = tmp_path / "probe"
    probe.write_bytes(b"x" * 16 * KIB)
    with probe.open("r+b") as file:
        can = rotation.collapse(file.fileno(), 4 * KIB)
    probe.unlink()
    if request.param == "truncate":
        monkeypatch.setattr(rotation, "collapse", lambda _descriptor, _length: False)
    elif not can:
        pytest.skip("this file system cannot collapse a range")
    return str(request.param)


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    append(log, "one\n")
    assert not rotate(log, 4 * KIB, 3)
    assert [each.name for each in tmp_path.iterdir()] == ["hello.log"]


def test_a_log_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert not rotate(tmp_path / "hello.log", 4 * KIB, 3)


def test_one_piece_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        rotate(tmp_path / "hello.log", 4 * KIB, 1)


def test_nothing_is_lost_and_the_live_file_stays_the_same(way: str, tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    text = numbered(0, 2000)
    append(log, text)
    inode = log.stat().st_ino
    assert rotate(log, 16 * KIB, 3)
    assert whole(log) == text
    assert log.stat().st_ino == inode
    assert log.stat().st_size < len(text)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["hello.log", "hello.log.1"]


def test_size_is_bounded_and_the_oldest_goes(way: str, tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    for start in range(0, 10_000, 1000):
        append(log, numbered(start, start + 1000))
        while rotate(log, 8 * KIB, 2):
            pass
    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == ["hello.log", "hello.log.1", "hello.log.2"]
    assert sum(each.stat().st_size for each in tmp_path.iterdir()) <= 3 * 12 * KIB
    assert whole(log).endswith(numbered(9500, 10_000))
    assert whole(log) in numbered(0, 10_000)


def test_a_log_that_a_reader_holds_is_left_for_later(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    append(log, numbered(0, 2000))
    with log.open() as reader:
        fcntl.flock(reader, fcntl.LOCK_SH)
        assert not rotate(log, 8 * KIB, 3)
    assert rotate(log, 8 * KIB, 3)


@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_on_a_full_disk_the_oldest_lines_go(
    way: str, pieces: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is room again for as much as was given up, and for what was truncated."""
    log, lines = tmp_path / "hello.log", 2000
    for number in range(1, pieces + 1):
        append(tmp_path / f"hello.log.{number}", "older\n")
    append(log, numbered(0, lines))
    full = Full(rotation._copy, tmp_path)
    monkeypatch.setattr(rotation, "_copy", full)
    rotate(log, 8 * KIB, 3)
    assert full.refused
    assert log.stat().st_size <= 8 * KIB
    assert "older" not in whole(log)
    assert whole(log).endswith(numbered(lines - 300, lines))
    assert sum(each.stat().st_size for each in tmp_path.iterdir()) < len(numbered(0, lines))
    assert not (tmp_path / "hello.log.new").exists()


def test_other_errors_of_the_disk_leave_the_log_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "hello.log"
    append(log, numbered(0, 2000))

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "sendfile", broken)
    with pytest.raises(OSError, match="Input/output"):
        rotate(log, 8 * KIB, 3)
    assert log.read_text() == numbered(0, 2000)
    assert [each.name for each in tmp_path.iterdir()] == ["hello.log"]


def test_of_a_log_that_grew_far_beyond_only_what_is_kept_is_copied(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, copied = tmp_path / "hello.log", 0
    text = numbered(0, 100_000)
    append(log, text)
    copy = rotation._copy

    def counting(source: int, target: int, offset: int, length: int) -> None:
        nonlocal copied
        copied += length
        copy(source, target, offset, length)

    monkeypatch.setattr(rotation, "_copy", counting)
    left = log.stat().st_size
    moved = rotate(log, 8 * KIB, 3)
    assert moved == left - log.stat().st_size
    assert copied <= 4 * 8 * KIB
    assert log.stat().st_size <= 8 * KIB
    assert text.endswith(whole(log))
    assert len(whole(log)) > 3 * 8 * KIB


def test_a_rotation_ends_though_the_log_grows_faster(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "hello.log"
    append(log, numbered(0, 2000))
    copy, turns = rotation._copy, 0

    def slow(source: int, target: int, offset: int, length: int) -> None:
        nonlocal turns
        turns += 1
        assert turns < 50, "it runs after the log"
        append(log, "x" * length)
        copy(source, target, offset, length)

    monkeypatch.setattr(rotation, "_copy", slow)
    monkeypatch.setattr(rotation, "CATCHING_UP", 64 * KIB)
    assert rotate(log, 8 * KIB, 3)


def test_a_hammered_log_gives_its_follower_each_line_once(tmp_path: Path) -> None:
    """A process writes without a pause, rotation runs without a pause, a follower reads along."""
    log, count = tmp_path / "hello.log", 200_000
    with subprocess.Popen([sys.executable, str(WRITER), str(log), str(count)]) as writer:
        done = threading.Event()
        rotations = Rotations(log, done)
        rotations.start()
        try:
            with closing(follow(log, count, Deadline(60))) as lines:
                numbers = [int(line[:8]) for line in islice(lines, count)]
        finally:
            done.set()
            rotations.join(10)
            writer.wait(10)
    assert numbers == list(range(count))
    assert rotations.moved > 10 * 64 * KIB


def test_a_hammered_log_without_collapse_keeps_the_order_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copy and truncate can lose what is written in its last microseconds, and nothing else."""
    monkeypatch.setattr(rotation, "collapse", lambda _descriptor, _length: False)
    kept = []
    # A machine that is busy can stop rotation in just those microseconds: not each time, though.
    for attempt in range(3):
        log, count = tmp_path / f"hello-{attempt}.log", 50_000
        with subprocess.Popen([sys.executable, str(WRITER), str(log), str(count)]) as writer:
            rotations = 0
            while writer.poll() is None:
                rotations += rotate(log, 64 * KIB, 1000) > 0
        append(log, "\n")
        numbers = [int(line[:8]) for line in tail(log, count + 1) if is_whole(line)]
        assert all(before < after for before, after in pairwise(numbers))
        # A rotation loses one piece at the most, however long it was stopped there.
        gaps = sum(after > before + 1 for before, after in pairwise(numbers))
        assert gaps <= rotations, (gaps, rotations)
        kept.append(len(numbers) / count)
        if kept[-1] > 0.9:
            return
    pytest.fail(f"of what was written there is {kept}")


def is_whole(line: str) -> bool:
    number, _, rest = line.partition(" ")
    return len(number) == 8 and number.isdigit() and rest == "x" * (int(number) % 90)


class Full:
    """A disk on which there is room only for as much as was deleted."""

    def __init__(self, copy: Callable[[int, int, int, int], None], folder: Path) -> None:
        self._copy = copy
        self._folder = folder
        self._size = self._used()
        self.refused = 0

    def __call__(self, source: int, target: int, offset: int, length: int) -> None:
        if self._used() + length > self._size:
            self.refused += 1
            raise OSError(28, "No space left on device")
        self._copy(source, target, offset, length)

    def _used(self) -> int:
        return sum(each.stat().st_size for each in self._folder.iterdir())


class Rotations(threading.Thread):
    """Rotates a log as often as it can."""

    def __init__(self, log: Path, done: threading.Event) -> None:
        super().__init__()
        self.log, self.done, self.moved = log, done, 0

    def run(self) -> None:
        while not self.done.is_set():
            self.moved += rotate(self.log, 64 * KIB, 500)


class Deadline:
    """A follower's pause that ends the test instead of waiting for ever."""

    def __init__(self, seconds: float) -> None:
        self.pause = threading.Event()
        self.left = seconds

    def __call__(self) -> None:
        self.left -= 0.002
        assert self.left > 0, "the lines did not arrive"
        self.pause.wait(0.002)
