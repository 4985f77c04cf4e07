"""The live table on a terminal."""

import io

import pytest
from rich.console import Console

from streamlit_controls.controller.live import LiveTable
from tests.controller.fake_manager import progress


def shown(width: int, height: int, *messages: dict[str, object]) -> list[str]:
    """Return the table as it stands after these messages."""
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None)
    table = LiveTable(console)
    for message in messages:
        table.show(message)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


MESSAGES = (
    progress("media-explorer", "starting", "started as pid 4712 on port 8502"),
    progress("hello", "running", "answers"),
    progress("media-explorer", "building", "installing 42 packages", service="media-server"),
    progress("broken", "failed", "app.py, line 3: SyntaxError: '(' was never closed, at all"),
)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_each_unit_is_a_line_whatever_the_width(width: int) -> None:
    lines = shown(width, 30, *MESSAGES)
    assert len(lines) == 4
    assert max(map(len, lines)) <= width
    assert lines[0][3:] == "media-explorer  starting    0.0 s  started as pid 4712 on port 8502"[
        : width - 3
    ] or lines[0].endswith("…")
    assert lines[1][3:].startswith("  media-server  building    0.0 s  installing 42")
    assert lines[2].startswith("✓  hello           running ")
    assert lines[3].startswith("✗  broken          failed  ")


def test_a_very_long_name_is_shortened() -> None:
    first, second = shown(
        80, 30, progress("x" * 240, "failed", "why"), progress("hello", "running")
    )
    assert first.startswith(f"✗  {'x' * 16}…{'x' * 15}  failed  ")
    assert first.endswith("why")
    assert second.startswith(f"✓  {'hello':32}  running ")


def test_many_apps_show_what_needs_to_be_seen() -> None:
    messages = [progress(f"app-{number}", "running") for number in range(50)]
    lines = shown(80, 10, *messages, *MESSAGES)
    assert len(lines) <= 9
    assert lines[0].startswith("✗  broken")
    assert any("media-server" in line for line in lines)
    assert lines[-1] == "51 of 54 are up"


def test_what_is_about_no_app_stands_above() -> None:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    with console.capture() as captured:
        LiveTable(console).show(progress(None, "running", "config.json: added sales"))
    assert captured.get() == "config.json: added sales\n"


def test_it_can_be_entered_and_left() -> None:
    out = io.StringIO()
    with LiveTable(Console(file=out, width=80, force_terminal=True)) as table:
        table.show(progress("hello", "running", "answers"))
    assert "hello" in out.getvalue()
