"""How things look on the command line: states, figures, errors."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import click

from streamlit_controls.core.errors import ControllerError

COLOURS = {
    "running": "green",
    "starting": "yellow",
    "building": "yellow",
    "draining": "yellow",
    "backoff": "yellow",
    "sleeping": "blue",
    "stopped": "bright_black",
    "failed": "red",
}


def echo(text: str = "", *, err: bool = False) -> None:
    """Print a line; in colour on a terminal, unless NO_COLOR asks for none."""
    click.echo(text, err=err, color=False if os.environ.get("NO_COLOR") else None)


def in_one_place() -> bool:
    """Tell whether results and errors are read together, as on a terminal."""
    try:
        return os.path.sameopenfile(1, 2)
    except OSError:  # one of them is closed
        return False


def state(name: str) -> str:
    """Return a state in its colour."""
    return click.style(name, fg=COLOURS.get(name))


def duration(seconds: float) -> str:
    """Return a time span in its two largest units."""
    whole = max(0, int(seconds))
    for size, unit, small, part in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "m"),
        (60, "m", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size}{unit} {rest}{part}" if rest else f"{whole // size}{unit}"
    return f"{whole}s"


def memory(size: int) -> str:
    """Return an amount of memory as people read it."""
    if size >= 1024**3:
        return f"{size / 1024**3:.1f} GB"
    return f"{size / 1024**2:.0f} MB"


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def processes(number: int) -> str:
    """Return a number of processes."""
    return "1 process" if number == 1 else f"{number} processes"


def shortened(text: str, width: int) -> str:
    """Return a text that is at most so long, with … in its middle where something is left out."""
    if len(text) <= width:
        return text
    head = width // 2
    return f"{text[:head]}…{text[len(text) - (width - head - 1) :]}"


def show_json(document: Mapping[str, Any]) -> None:
    """Print a document for programs."""
    echo(json.dumps(document, indent=2, ensure_ascii=False))


def show_error(error: ControllerError) -> None:
    """Print what is wrong and what to do about it."""
    show_failure(error.message)
    for problem in as_document(error).get("problems", ()):
        show_problem(problem)
    if error.hint:
        show_hint(error.hint)


def show_failure(message: str) -> None:
    echo(f"{click.style('Error:', fg='red', bold=True)} {message}", err=True)


def show_hint(hint: str) -> None:
    echo(f"{click.style('Hint:', fg='cyan')} {hint}", err=True)


def show_problem(problem: Mapping[str, Any]) -> None:
    """Print one fault of a configuration."""
    path = f"{click.style(problem['path'], bold=True)}: " if problem.get("path") else ""
    hint = f" ({problem['hint']})" if problem.get("hint") else ""
    echo(f"  {path}{problem['message']}{hint}", err=True)


def show_log(lines: Iterable[str]) -> None:
    """Print the last lines of a log, set off from what we say ourselves."""
    for line in lines:
        echo(click.style(f"    | {line}", dim=True), err=True)


def as_document(error: ControllerError) -> dict[str, Any]:
    """Return an error for programs, with the problems of a configuration that is refused."""
    problems = [
        {"path": each.path, "message": each.message, "hint": each.hint}
        for each in getattr(error, "problems", ())
    ]
    return error.as_dict() | ({"problems": problems} if problems else {})
