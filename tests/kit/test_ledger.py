"""The ledger of sessions, by histories with times."""

from typing import Literal

import pytest

from streamlit_kit.sessions.ledger import SessionLedger, Told
from streamlit_kit.sessions.phase import News
from streamlit_kit.sessions.session import Session

GRACE, SETTLE = 10.0, 2.0
Line = tuple[float, Literal["connect", "drop", "settle", "yield"], str]


class History:
    """What happened to one session, told line by line, and what others were told of it."""

    def __init__(self) -> None:
        self.ledger = SessionLedger(settle=SETTLE)
        self.session = Session()
        self.told: list[tuple[float, News]] = []

    def play(self, *lines: Line, until: float) -> list[tuple[float, News]]:
        for at, what, connection in lines:
            self._wait(at)
            match what:
                case "connect":
                    self.ledger.connect(self.session, connection, GRACE, at)
                case "drop":
                    self.ledger.disconnect(self.session, connection, at)
                case "settle":
                    self._note(at, self.ledger.settle(self.session, at))
                case "yield":
                    self._note(at, self.ledger.surrender(self.session, at))
        self._wait(until)
        return self.told

    def _wait(self, until: float) -> None:
        """Let time pass as a monitor does: from one due moment to the next."""
        while (due := self.ledger.next_due()) is not None and due <= until:
            self._note(due, self.ledger.due(due))
            assert self.ledger.next_due() != due

    def _note(self, at: float, told: Told) -> None:
        assert all(session is self.session for session, _ in told)
        self.told += [(at, news) for _, news in told if news]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param([(0, "connect", "x")], [(2, News.START)], id="a client without scripts"),
        pytest.param(
            [(0, "connect", "x"), (0.1, "settle", "")],
            [(0.1, News.START)],
            id="a new tab that says so",
        ),
        pytest.param(
            [(0, "connect", "x"), (1, "settle", ""), (1, "settle", ""), (5, "settle", "")],
            [(1, News.START)],
            id="a tab that says so again",
        ),
        pytest.param(
            [(0, "connect", "x"), (1, "settle", ""), (5, "drop", "x")],
            [(1, News.START), (15, News.END)],
            id="a tab that is closed",
        ),
        pytest.param(
            [(0, "connect", "x"), (1, "settle", ""), (5, "drop", "x"), (5.5, "connect", "y")],
            [(1, News.START)],
            id="a drop of half a second",
        ),
        pytest.param(
            [
                *[(0, "connect", "x"), (1, "settle", ""), (5, "drop", "x"), (14, "connect", "y")],
                *[(20, "drop", "y")],
            ],
            [(1, News.START), (30, News.END)],
            id="a second drop has all of the grace time again",
        ),
        pytest.param(
            [(0, "connect", "x"), (1, "settle", ""), (5, "connect", "y"), (5.1, "drop", "x")],
            [(1, News.START)],
            id="the new connection is there before the old one ends",
        ),
        pytest.param(
            [(0, "connect", "x"), (1, "drop", "x")], [], id="gone before it was known to be new"
        ),
        pytest.param(
            [(0, "connect", "x"), (1, "drop", "x"), (4, "connect", "y")],
            [(6, News.START)],
            id="back before it was known to be new",
        ),
        pytest.param(
            [(0, "connect", "x"), (0.2, "yield", "")], [], id="a tab that was there before"
        ),
        pytest.param(
            [(0, "connect", "x"), (3, "yield", "")],
            [(2, News.START), (3, News.END)],
            id="a tab that says late that it was there before",
        ),
        pytest.param(
            [(0, "connect", "x"), (1, "settle", ""), (5, "drop", "other"), (6, "drop", "other")],
            [(1, News.START)],
            id="an unknown connection",
        ),
        pytest.param(
            [(0, "connect", "x"), (0.2, "yield", ""), (1, "drop", "x"), (1, "settle", "")],
            [],
            id="what comes after the end",
        ),
    ],
)
def test_histories(lines: list[Line], told: list[tuple[float, News]]) -> None:
    history = History()
    assert history.play(*lines, until=100) == told
    over = not told or told[-1][1] is News.END
    assert (history.session in history.ledger) is not over
    assert (history.ledger.by_token(history.session.token) is None) is over
    assert len(history.ledger) == (not over)


def test_who_is_away_waits_for_those_who_came_and_have_not_told_who_they_are() -> None:
    ledger, away, newer = SessionLedger(settle=30), Session(), Session()
    ledger.connect(away, "x", GRACE, 0)
    ledger.settle(away, 0)
    ledger.disconnect(away, "x", 5)
    assert ledger.next_due() == 15
    ledger.connect(newer, "y", GRACE, 7)
    assert ledger.next_due() == 37
    assert ledger.due(36) == []
    ledger.connect(away, "y", GRACE, 36)  # a first run of half a minute, and then it has told
    assert ledger.surrender(newer, 36) == [(newer, None)]
    assert ledger.is_present(away)
    assert ledger.next_due() is None


def test_it_waits_neither_for_ever_nor_for_those_who_tell_that_they_are_new() -> None:
    ledger, away = SessionLedger(settle=30), Session()
    ledger.connect(away, "x", GRACE, 0)
    ledger.settle(away, 0)
    ledger.disconnect(away, "x", 5)
    newer = [Session() for _ in range(10)]
    for at, session in enumerate(newer):
        ledger.connect(session, session, GRACE, 6 + 3 * at)
    assert ledger.next_due() == 36  # when the first of them counts as new
    assert dict(ledger.due(36)) == {newer[0]: News.START}
    for session in newer[1:]:
        ledger.settle(session, 37)
    assert ledger.due(37) == [(away, News.END)]


def test_whose_tasks_are_asked_for_is_not_over_yet() -> None:
    history = History()
    history.play((0, "connect", "x"), (1, "settle", ""), (5, "drop", "x"), until=14)
    history.ledger.touch(history.session, 14)
    assert history.play(until=100) == [(1, News.START), (24, News.END)]
    history.ledger.touch(history.session, 100)
    assert len(history.ledger) == 0


@pytest.mark.parametrize(("settled", "told"), [(True, News.END), (False, None)])
def test_a_tab_can_tell_that_it_was_there_before_after_its_connection_ended(
    settled: bool, told: News | None
) -> None:
    history = History()
    history.play((0, "connect", "x"), until=0)
    if settled:
        history.ledger.settle(history.session, 1)
    history.ledger.disconnect(history.session, "x", 1)
    assert history.ledger.surrender(history.session, 2) == [(history.session, told)]
    assert history.ledger.surrender(history.session, 2) == []


def test_grace_can_be_other_than_usual() -> None:
    history = History()
    history.play((0, "connect", "x"), (1, "settle", ""), until=1)
    history.ledger.give_grace(history.session, 60)
    told = history.play((5, "drop", "x"), until=100)
    assert told == [(1, News.START), (65, News.END)]
    history.ledger.give_grace(history.session, 1)


def test_sessions_are_found_by_their_secret_only() -> None:
    ledger, one, other = SessionLedger(settle=SETTLE), Session(), Session()
    for session in (one, other):
        ledger.connect(session, "x", GRACE, 0)
    assert ledger.by_token(one.token) is one
    assert ledger.by_token(other.token) is other
    assert ledger.by_token(one.id) is None
    assert one.token not in repr(one)
    assert len(one.token) >= 40
