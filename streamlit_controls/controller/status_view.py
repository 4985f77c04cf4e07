"""The status document as people read it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from streamlit_controls.controller import output
from streamlit_controls.controller.table import Column, Row, render

Document = Mapping[str, Any]

COLUMNS = (
    Column("APP", longest=32),
    Column("STATE"),
    Column("URL", longest=100),
    Column("PORT", right=True, dispensable=3),
    Column("PID", right=True, dispensable=2),
    Column("UPTIME", right=True, dispensable=1),
    Column("RESTARTS", right=True, dispensable=6),
    Column("CPU", right=True, dispensable=5),
    Column("MEMORY", right=True, dispensable=1),
    Column("SESSIONS", right=True, dispensable=4),
)

PATH_WIDTH = 32
"""How long a path may be where a terminal has no room for whole addresses."""


def lines(document: Document, now: float, width: int | None) -> Iterator[str]:
    """Yield the lines of a status document at a time; `width` is the terminal's, if it is one."""
    manager = document["manager"]
    uptime = output.duration(now - manager["started_at"])
    site = click.style(manager["url"], bold=True)
    yield f"Streamlit Controller {manager['version']} at {site}, up {uptime}"
    yield ""
    yield from _table(document, now, width)
    for problem in manager["problems"]:
        yield ""
        yield from _problem(problem)
    for name, unit in _units(document):
        if unit.get("error"):
            yield ""
            yield from _error(name, unit)


def last_ends(document: Document, now: float) -> Iterator[str]:
    """Yield why the last processes of apps and services ended that were not meant to."""
    for name, unit in _units(document):
        end = unit.get("last_end")
        if end and not unit.get("error"):
            ago = output.duration(now - end["at"])
            yield ""
            title = click.style(f"{name}:", bold=True)
            yield f"{title} its last process {end['reason']}, {ago} ago"


def _table(document: Document, now: float, width: int | None) -> list[str]:
    base = document["manager"]["url"].rstrip("/")
    rows = list(_rows(document, now))
    full = [
        [*row[:2], base + row[2] if row[2].startswith("/") else row[2], *row[3:]] for row in rows
    ]
    lines = render(COLUMNS, full, None)
    if width is not None and max(len(click.unstyle(line)) for line in lines) > width:
        short = [[*row[:2], output.shortened(row[2], PATH_WIDTH), *row[3:]] for row in rows]
        lines = render(COLUMNS, short, width)
    return lines


def _rows(document: Document, now: float) -> Iterator[Row]:
    for key, app in document["apps"].items():
        yield from _unit_rows(key, app, app["path"], now)
        for name, service in app["services"].items():
            yield from _unit_rows(f"  {name}", service, service["path"] or "", now)
    manager = document["manager"]
    yield _own_row("gateway", manager["gateway"], "/", now)
    yield _own_row("website", manager["site"], "", now)
    mine = {**manager, "state": "running", "port": manager["manager_port"]}
    yield _own_row("manager", mine, "", now)


def _unit_rows(name: str, unit: Document, path: str, now: float) -> Iterator[Row]:
    instances: Sequence[Document] = unit["instances"]
    one = instances[0] if len(instances) == 1 else {}
    sums = {key: _sum(instances, key) for key in ("cpu_percent", "rss_bytes", "sessions")}
    state = output.state(unit["state"]) + (
        "!" if unit["error"] and unit["state"] == "running" else ""
    )
    restarts = str(unit["restarts"])
    yield _row(name, state, path, {**one, **sums, "port": unit["port"]}, restarts, now)
    if len(instances) > 1:
        indent = " " * (len(name) - len(name.lstrip()) + 2)
        for each in instances:
            yield _row(f"{indent}~{each['id']}", output.state(each["state"]), "", each, "", now)


def _own_row(name: str, unit: Document, path: str, now: float) -> Row:
    restarts = str(unit["restarts"]) if "restarts" in unit else ""
    return _row(name, output.state(unit["state"]), path, unit, restarts, now)


def _row(name: str, state: str, path: str, unit: Document, restarts: str, now: float) -> Row:
    started, cpu, memory = unit.get("started_at"), unit.get("cpu_percent"), unit.get("rss_bytes")
    return (
        name,
        state,
        path,
        _text(unit.get("port")),
        _text(unit.get("pid")),
        output.duration(now - started) if started else "",
        restarts,
        "" if cpu is None else f"{cpu:.1f}%",
        "" if memory is None else output.memory(memory),
        _text(unit.get("sessions")),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _sum(instances: Sequence[Document], key: str) -> float | None:
    values = [each[key] for each in instances if each.get(key) is not None]
    return sum(values) if values else None


def _units(document: Document) -> Iterator[tuple[str, Document]]:
    manager = document["manager"]
    yield "gateway", manager["gateway"]
    yield "website", manager["site"]
    for key, app in document["apps"].items():
        yield key, app
        for name, service in app["services"].items():
            yield f"{key}/{name}", service


def _problem(problem: Document) -> Iterator[str]:
    path = problem["path"] or "config.json"
    yield f"{click.style('Problem:', fg='yellow', bold=True)} {path}: {problem['message']}"
    if problem.get("hint"):
        yield f"    {problem['hint']}"


def _error(name: str, unit: Document) -> Iterator[str]:
    colour = "red" if unit["state"] == "failed" else "yellow"
    yield f"{click.style(f'{name}:', fg=colour, bold=True)} {unit['error']}"
    for line in unit.get("log") or ():
        yield click.style(f"    | {line}", dim=True)
