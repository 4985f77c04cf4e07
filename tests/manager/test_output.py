"""What one process wrote to its log, as far as it is told."""

from pathlib import Path

import pytest

from streamlit_controls.manager import output
from streamlit_controls.manager.output import Output


def test_what_others_wrote_before_is_left_out(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    log.write_text("ValueError: of the one before\n")
    mine = Output(log, log.stat().st_size)
    assert mine.lines() == []
    with log.open("a") as file:
        file.write("first\n\n  \nsecond  \n")
    assert mine.lines() == ["first", "second"]
    assert mine.complaint() == "second"


def test_a_log_that_was_rotated_is_read_from_its_begin(tmp_path: Path) -> None:
    log = tmp_path / "hello.log"
    log.write_text("ValueError: wrong\n")
    assert Output(log, 10_000).complaint() == "ValueError: wrong"
    assert Output(tmp_path / "absent.log", 0).lines() == []


@pytest.mark.parametrize("end", ["", "\nthe last\n"])
def test_a_line_without_end_is_told_in_part(tmp_path: Path, end: str) -> None:
    log = tmp_path / "hello.log"
    log.write_text("x" * 10 * output.LOOK_BACK + end)
    lines = Output(log, 0).lines()
    assert len(lines[0]) == output.LONGEST
    assert lines[1:] == end.split("\n")[1:-1]
