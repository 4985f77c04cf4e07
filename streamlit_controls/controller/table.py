"""Lays out tables of plain or styled text, for terminals of any width and for pipes."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

GAP = "  "


@dataclass(frozen=True)
class Column:
    """One column: its title and how dispensable it is (0 is never left out)."""

    title: str
    right: bool = False
    dispensable: int = 0


Row = Sequence[str]


def render(columns: Sequence[Column], rows: Sequence[Row], width: int | None) -> list[str]:
    """Return a table's lines; where it is wider than `width`, the most dispensable columns go."""
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
    titles = [click.style(column.title, dim=True) for column in columns]
    return [_line(columns, widths, chosen, row) for row in [titles, *rows]]


def _total(widths: Sequence[int], chosen: Sequence[int]) -> int:
    return sum(widths[index] for index in chosen) + len(GAP) * (len(chosen) - 1)


def _line(columns: Sequence[Column], widths: Sequence[int], chosen: Sequence[int], row: Row) -> str:
    cells = []
    for index in chosen:
        space = " " * (widths[index] - len(click.unstyle(row[index])))
        cells.append(space + row[index] if columns[index].right else row[index] + space)
    return GAP.join(cells).rstrip()
