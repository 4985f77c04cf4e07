from benchmarks.results import Results
from benchmarks.row import ROWS
from benchmarks.table import cells, figure, markdown, missing

ROW = next(row for row in ROWS if row.key == "rerun-slider")
RERUN = frozenset({"rerun"})
NAMES = ("plain", "controller", "nginx")


def measured() -> Results:
    results = Results()
    for name, values in {"plain": [44.0, 40.0, 48.0], "controller": [4.4, 4.0, 5.0]}.items():
        for value in values:
            results.add(ROW.key, name, value)
    results.miss(ROW.key, "nginx", "nginx is not here")
    return results


def test_a_row_has_figures_ratio_target_and_verdict() -> None:
    assert cells(measured(), ROW, NAMES) == [
        "rerun, slider app",
        "44.00 ms (40.00 to 48.00)",
        "4.40 ms (4.00 to 5.00)",
        "-",
        "0.1x",
        "≤ 0.12x",
        "yes",
    ]


def test_a_missed_target_is_told() -> None:
    results = measured()
    for _ in range(5):
        results.add(ROW.key, "controller", 9.0)
    assert cells(results, ROW, NAMES)[-1] == "NO"


def test_without_a_figure_there_is_no_verdict() -> None:
    assert cells(Results(), ROW, NAMES)[1:] == ["-", "-", "-", "-", "≤ 0.12x", ""]


def test_one_measurement_has_no_spread() -> None:
    results = Results()
    results.add(ROW.key, "plain", 44.0)
    assert figure(results, ROW, "plain") == "44.00 ms"


def test_reasons_are_told_once_with_all_their_rows() -> None:
    results = measured()
    results.miss("rerun-pandas", "nginx", "nginx is not here")
    results.miss("active", "nginx", "nginx is not here")
    assert missing(results, RERUN) == [
        "nginx: nginx is not here (rerun, slider app; rerun, pandas app)"
    ]


def test_markdown_has_a_line_for_each_row_that_was_asked_for() -> None:
    lines = markdown(measured(), NAMES, RERUN).splitlines()
    assert lines[0].startswith("| what | plain | controller | nginx |")
    assert lines[1].count("---") == len(NAMES) + 4
    assert len(lines) == 4
