from benchmarks.statistics import Summary


def test_sums_up_by_the_median_and_the_extremes() -> None:
    assert Summary.of([3.0, 1.0, 20.0]) == Summary(median=3.0, low=1.0, high=20.0, count=3)


def test_one_value_is_its_own_median() -> None:
    assert Summary.of([2.5]) == Summary(2.5, 2.5, 2.5, 1)


def test_ratio_is_of_medians() -> None:
    assert Summary.of([1, 2, 9]).ratio_to(Summary.of([4])) == 0.5


def test_nothing_has_no_ratio() -> None:
    assert Summary.of([1]).ratio_to(Summary.of([0])) is None
