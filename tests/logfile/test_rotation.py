"""A log stays bounded and keeps every line."""

import fcntl
import os
import subprocess
import sys
import threading
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


def test_a_full_disk_leaves_the_log_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "hello.log"
    text = numbered(0, 2000)
    append(log, text)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "sendfile", full)
    with pytest.raises(OSError, match="No space"):
        rotate(log, 8 * KIB, 3)
    assert log.read_text() == text
    assert [each.name for each in tmp_path.iterdir()] == ["hello.log"]


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
    assert rotations.count > 10


def test_a_hammered_log_without_collapse_keeps_the_order_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copy and truncate can lose what is written in its last microseconds, and nothing else."""
    monkeypatch.setattr(rotation, "collapse", lambda _descriptor, _length: False)
    log, count = tmp_path / "hello.log", 50_000
    with subprocess.Popen([sys.executable, str(WRITER), str(log), str(count)]) as writer:
        while writer.poll() is None:
            rotate(log, 64 * KIB, 1000)
    append(log, "\n")
    numbers = [int(line[:8]) for line in tail(log, count + 1) if is_whole(line)]
    assert all(before < after for before, after in pairwise(numbers))
    assert len(numbers) > count * 0.9


def is_whole(line: str) -> bool:
    number, _, rest = line.partition(" ")
    return len(number) == 8 and number.isdigit() and rest == "x" * (int(number) % 90)


class Rotations(threading.Thread):
    """Rotates a log as often as it can."""

    def __init__(self, log: Path, done: threading.Event) -> None:
        super().__init__()
        self.log, self.done, self.count = log, done, 0

    def run(self) -> None:
        while not self.done.is_set():
            self.count += rotate(self.log, 64 * KIB, 500)


class Deadline:
    """A follower's pause that ends the test instead of waiting for ever."""

    def __init__(self, seconds: float) -> None:
        self.pause = threading.Event()
        self.left = seconds

    def __call__(self) -> None:
        self.left -= 0.002
        assert self.left > 0, "the lines did not arrive"
        self.pause.wait(0.002)
