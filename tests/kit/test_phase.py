"""A session's phases: the table, and what is not in it."""

import itertools

import pytest

from streamlit_kit.sessions.phase import TABLE, News, Phase, Step, after


@pytest.mark.parametrize(
    ("phase", "step"), [each for each in itertools.product(Phase, Step) if each not in TABLE]
)
def test_what_cannot_happen_is_an_error(phase: Phase, step: Step) -> None:
    with pytest.raises(LookupError, match=f"{phase} cannot {step}"):
        after(phase, step)


def test_nothing_comes_after_the_end() -> None:
    assert [phase for phase, _ in TABLE if phase is Phase.OVER] == []


@pytest.mark.parametrize("length", range(1, 7))
def test_whoever_began_ends_and_nobody_else(length: int) -> None:
    """Of all histories: each start has its end, and the end is never told without a start."""
    for steps in itertools.product(Step, repeat=length):
        phase, told = Phase.ARRIVING, []
        for step in steps:
            if (phase, step) not in TABLE:
                break
            phase, news = after(phase, step)
            told.append(news)
        heard = [news for news in told if news]
        assert heard in ([], [News.START], [News.START, News.END])
        if phase is Phase.OVER:
            assert heard in ([], [News.START, News.END])
