import pytest

from benchmarks.measures import SITUATIONS
from benchmarks.row import MEASURES, ROWS, Target, Unit


@pytest.mark.parametrize(
    ("target", "value", "ratio", "met"),
    [
        (Target(0.5), 300.0, 0.5, True),
        (Target(0.5), 300.0, 0.51, False),
        (Target(0.5), 300.0, None, None),
        (Target(20, at_least=True), 6000.0, 19.9, False),
        (Target(20, at_least=True), 6000.0, 20.0, True),
        (Target(1, of_ratio=False), 0.4, None, True),
        (Target(1, of_ratio=False), 1.4, 0.1, False),
    ],
)
def test_a_target_judges_the_ratio_or_the_figure(
    target: Target, value: float, ratio: float | None, met: bool | None
) -> None:
    assert target.met(value, ratio) is met


def test_targets_for_people() -> None:
    assert Target(0.12).show(Unit.SECONDS) == "≤ 0.12x"
    assert Target(20, at_least=True).show(Unit.REQUESTS) == "≥ 20x"
    assert Target(1, of_ratio=False).show(Unit.MILLISECONDS) == "≤ 1 ms"


def test_figures_for_people() -> None:
    assert Unit.REQUESTS.show(6049.4) == "6,049 /s"
    assert Unit.PROCESSES.show(4) == "4"


def test_each_measure_is_made_in_one_situation() -> None:
    made = [measure for measures in SITUATIONS.values() for measure in measures]
    assert sorted(made) == sorted(MEASURES)
    assert len({row.key for row in ROWS}) == len(ROWS)
