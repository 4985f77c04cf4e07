"""The results as a table: for a terminal and for a page."""

from collections.abc import Sequence

from rich.table import Table

from benchmarks.results import BASE, OURS, Results
from benchmarks.row import ROWS, Row


def table(results: Results, contenders: Sequence[str], measures: frozenset[str]) -> Table:
    """Return the table for a terminal."""
    shown = Table(show_lines=False)
    for title in titles(contenders):
        shown.add_column(title, justify="left" if title == "what" else "right")
    for row in ROWS:
        if row.measure in measures:
            shown.add_row(*cells(results, row, contenders))
    return shown


def markdown(results: Results, contenders: Sequence[str], measures: frozenset[str]) -> str:
    """Return the table for a page, with the reasons of what is missing below it."""
    lines = [titles(contenders), ["---", *["---:"] * (len(titles(contenders)) - 1)]]
    lines += [cells(results, row, contenders) for row in ROWS if row.measure in measures]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def missing(results: Results, measures: frozenset[str]) -> list[str]:
    """Return why figures are missing, each reason once."""
    rows: dict[tuple[str, str], list[str]] = {}
    for row in ROWS:
        for (key, contender), reason in results.reasons.items():
            if key == row.key and row.measure in measures:
                rows.setdefault((contender, reason), []).append(row.title)
    return [f"{name}: {reason} ({'; '.join(titles)})" for (name, reason), titles in rows.items()]


def titles(contenders: Sequence[str]) -> list[str]:
    """Return the columns' names."""
    return ["what", *contenders, f"{OURS} : {BASE}", "target", "met"]


def cells(results: Results, row: Row, contenders: Sequence[str]) -> list[str]:
    """Return one row's texts."""
    ratio, met = results.ratio(row, OURS), results.met(row)
    return [
        row.title,
        *(figure(results, row, name) for name in contenders),
        f"{ratio:.4g}x" if ratio is not None else "-",
        row.target.show(row.unit) if row.target else "",
        {True: "yes", False: "NO", None: ""}[met],
    ]


def figure(results: Results, row: Row, contender: str) -> str:
    """Return a median, with the least and the greatest value where there are several."""
    summary = results.summary(row, contender)
    if summary is None:
        return "-"
    shown = row.unit.show(summary.median)
    if summary.count == 1:
        return shown
    low, high = (row.unit.show(value).split(" ")[0] for value in (summary.low, summary.high))
    return f"{shown} ({low} to {high})"
