"""What is measured, by the situations that the contenders are put into."""

from benchmarks.measures import active, asleep, serving, starting
from benchmarks.session import Session

SITUATIONS = {
    starting.measure: frozenset({"wake", "cold"}),
    serving.measure: frozenset(serving.MEASURES),
    active.measure: frozenset({"memory"}),
    asleep.measure: frozenset({"sleeping", "rest", "status"}),
}
"""Which measures, by their names for --only, each situation serves."""


def measure(session: Session) -> None:
    """Measure all that the session wants."""
    for situation, measures in SITUATIONS.items():
        if measures & session.wanted:
            situation(session)
