"""How long to wait after a crash, and when to stop trying."""

import pytest

from streamlit_controls.core.backoff import Backoff

BACKOFF = Backoff()


@pytest.mark.parametrize(
    ("crashes", "delay"),
    [(0, 0.0), (1, 0.0), (2, 0.5), (3, 1.0), (4, 2.0), (8, 30.0), (20, 30.0), (1000, 30.0)],
)
def test_delays(crashes: int, delay: float) -> None:
    assert BACKOFF.delay(crashes) == delay


def test_quick_crashes_add_up_and_a_long_life_begins_anew() -> None:
    assert BACKOFF.count(3, lived=29.9) == 4
    assert BACKOFF.count(3, lived=30.0) == 1


def test_five_are_too_many() -> None:
    assert [BACKOFF.exhausted(crashes) for crashes in (1, 4, 5, 6)] == [False, False, True, True]


@pytest.mark.parametrize(("chance", "share"), [(0.0, 0.75), (0.5, 1.0), (1.0, 1.25)])
def test_chance_moves_a_wait_by_up_to_a_quarter(chance: float, share: float) -> None:
    assert Backoff(first=4.0).delay(2, chance) == 4.0 * share
    assert Backoff().delay(1, chance) == 0.0


def test_what_nothing_goes_without_is_tried_soon_and_for_ever() -> None:
    policy = Backoff().unending()
    assert not policy.exhausted(10**6)
    assert policy.delay(40, 1.0) <= 2.5
    assert policy.delay(3) == Backoff().delay(3)
