from collections import Counter

from benchmarks.turns import turns


def test_each_is_measured_once_per_round_and_first_in_turn() -> None:
    order = list(turns("abc", 3))
    assert [item for _, item in order] == list("abcbcacab")
    assert set(Counter(order).values()) == {1}


def test_nobody_takes_no_turns() -> None:
    assert list(turns([], 2)) == []
