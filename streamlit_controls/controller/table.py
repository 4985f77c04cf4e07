"""Lays out tables of plain or styled text, for terminals of any width and for pipes."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from streamlit_controls.controller.output import shortened

GAP = "  "

NARROWEST = 12
"""Characters that a column keeps at least where its texts are shortened."""


@dataclass(frozen=True)
class Column:
    """One column: its title and how dispensable it is (0 is never left out).

    `longest` is how long its texts may be, which are plain: what is longer is shortened, and still
    more where a terminal has no room for it.
    """

    title: str
    right: bool = False
    dispensable: int = 0
    longest: int | None = None


Row = Sequence[str]


def render(columns: Sequence[Column], rows: Sequence[Row], width: int | None) -> list[str]:
    """Return a table's lines; where it is wider than `width`, the most dispensable columns go."""
    rows = [_shortened(row, [column.longest for column in columns]) for row in rows]
    chosen = list(range(len(columns)))
    widths = [
        max([len(column.title), *(len(click.unstyle(row[index])) for row in rows)])
        for index, column in enumerate(columns)
    ]
    while width is not None and _total(widths, chosen) > width:
        last = max(chosen, key=lambda index: columns[index].dispensable)
        if not columns[last].dispensable:
            break
        chosen.remove(last)
    if width is not None and (excess := _total(widths, chosen) - width) > 0:
        rows, widths = _narrowed(columns, rows, widths, excess)
    titles = [click.style(column.title, dim=True) for column in columns]
    return [_line(columns, widths, chosen, row) for row in [titles, *rows]]


def _narrowed(
    columns: Sequence[Column], rows: Sequence[Row], widths: Sequence[int], excess: int
) -> tuple[list[Row], list[int]]:
    """Return rows and widths with the widest column narrower, as far as that can be read."""
    able = [index for index, column in enumerate(columns) if column.longest is not None]
    if not able:
        return list(rows), list(widths)
    widest = max(able, key=lambda index: widths[index])
    room = max(widths[widest] - excess, NARROWEST)
    limits = [room if index == widest else None for index in range(len(columns))]
    narrowed = [
        min(room, width) if index == widest else width for index, width in enumerate(widths)
    ]
    return [_shortened(row, limits) for row in rows], narrowed


def _shortened(row: Row, limits: Sequence[int | None]) -> Row:
    return [
        cell if limit is None else shortened(cell, limit)
        for cell, limit in zip(row, limits, strict=False)
    ]


def _total(widths: Sequence[int], chosen: Sequence[int]) -> int:
    return sum(widths[index] for index in chosen) + len(GAP) * (len(chosen) - 1)


def _line(columns: Sequence[Column], widths: Sequence[int], chosen: Sequence[int], row: Row) -> str:
    cells = []
    for index in chosen:
        space = " " * (widths[index] - len(click.unstyle(row[index])))
        cells.append(space + row[index] if columns[index].right else row[index] + space)
    return GAP.join(cells).rstrip()
