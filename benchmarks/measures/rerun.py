"""How long an app takes to answer a moved slider."""

import statistics
from collections.abc import Sequence

from benchmarks.client import Visitor
from benchmarks.contender import Contender
from benchmarks.sample import App
from benchmarks.session import Session
from benchmarks.turns import turns

RERUNS = 30
"""In one round; its median counts."""
DISCARDED = 5


def measure(session: Session, contenders: Sequence[Contender]) -> None:
    """Move the slider of an open session of each contender, one contender at a time."""
    for app in contenders[0].apps[:2]:
        for _, contender in turns(contenders, session.rounds):
            with Visitor(contender.page(app), app.kind) as visitor:
                visitor.first_render()
                seconds = median_rerun(visitor, app)
            session.results.add(f"rerun-{app.kind.name}", contender.name, seconds * 1000)


def median_rerun(visitor: Visitor, app: App, count: int = RERUNS) -> float:
    """Return the median of many reruns, each with another value of the slider."""
    values = [app.kind.start + 1 + number % 20 for number in range(DISCARDED + count)]
    return statistics.median([visitor.rerun(value) for value in values][DISCARDED:])
