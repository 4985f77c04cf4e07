"""Tables fit the width that there is."""

import click

from streamlit_controls.controller.table import Column, render

COLUMNS = (
    Column("APP"),
    Column("STATE"),
    Column("PID", right=True, dispensable=1),
    Column("CPU", right=True, dispensable=2),
)
ROWS = [("hello", "running", "4711", "0.4%"), ("media-explorer", "failed", "", "")]


def test_columns_are_aligned() -> None:
    assert render(COLUMNS, ROWS, None) == [
        "APP             STATE     PID   CPU".replace("APP", click.style("APP", dim=True))
        .replace("STATE", click.style("STATE", dim=True))
        .replace("PID", click.style("PID", dim=True))
        .replace("CPU", click.style("CPU", dim=True)),
        "hello           running  4711  0.4%",
        "media-explorer  failed",
    ]


def test_the_most_dispensable_columns_go_first() -> None:
    assert [click.unstyle(line) for line in render(COLUMNS, ROWS, 30)] == [
        "APP             STATE     PID",
        "hello           running  4711",
        "media-explorer  failed",
    ]
    assert click.unstyle(render(COLUMNS, ROWS, 28)[0]) == "APP             STATE"


def test_what_is_not_dispensable_stays_however_narrow() -> None:
    assert click.unstyle(render(COLUMNS, ROWS, 5)[0]) == "APP             STATE"


def test_colours_take_no_room() -> None:
    rows = [("hello", click.style("running", fg="green"), "1", "")]
    assert [len(click.unstyle(line)) for line in render(COLUMNS[:3], rows, None)] == [19, 19]


def test_what_is_too_long_is_shortened_and_more_so_where_there_is_no_room() -> None:
    columns = (Column("APP", longest=20), Column("STATE"))
    rows = [("a" * 50 + "z", "running")]
    assert render(columns, rows, None)[1] == f"{'a' * 10}…{'a' * 8}z  running"
    assert render(columns, rows, 25)[1] == f"{'a' * 8}…{'a' * 6}z  running"
    assert render(columns, rows, 5)[1] == f"{'a' * 6}…{'a' * 4}z  running", "what can still be read"
