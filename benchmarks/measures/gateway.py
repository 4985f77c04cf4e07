"""What the way through the gateway adds to the way to the app's own port."""

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from urllib.parse import urljoin

from benchmarks.client import Connection, Visitor
from benchmarks.contender import Contender
from benchmarks.session import Session
from benchmarks.turns import turns

PAIRS = 100
"""In one round, in turn: one through the gateway, one past it. The difference of medians counts."""
DISCARDED = 5


def measure(session: Session, contenders: Sequence[Contender]) -> None:
    """Compare both ways, one contender at a time."""
    for _, contender in turns(contenders, session.rounds):
        with session.tried(contender, "gateway-rerun", "gateway-health"):
            direct = contender.direct(contender.apps[0])
            through = contender.page(contender.apps[0])
            added = _reruns(contender, through, direct)
            session.results.add("gateway-rerun", contender.name, added * 1000)
            added = _requests(through, direct)
            session.results.add("gateway-health", contender.name, added * 1000)


def _reruns(contender: Contender, through: str, direct: str) -> float:
    app = contender.apps[0]
    with Visitor(through, app.kind) as far, Visitor(direct, app.kind) as near:
        visitors = (far, near)
        for visitor in visitors:
            visitor.first_render()
        pairs = [
            [visitor.rerun(app.kind.start + 1 + number % 20) for visitor in visitors]
            for number in range(DISCARDED + PAIRS)
        ]
    return _difference(pairs)


def _requests(through: str, direct: str) -> float:
    with ExitStack() as stack:
        ways = []
        for page in (through, direct):
            connection = Connection(page)
            stack.callback(connection.close)
            connection.get(page)
            ways.append((connection, urljoin(connection.address, "_stcore/health")))
        pairs = [[_timed(*way) for way in ways] for _ in range(DISCARDED + PAIRS)]
    return _difference(pairs)


def _timed(connection: Connection, address: str) -> float:
    began = time.perf_counter()
    connection.get(address)
    return time.perf_counter() - began


def _difference(pairs: Sequence[Sequence[float]]) -> float:
    far, near = zip(*pairs[DISCARDED:], strict=True)
    return float(statistics.median(far) - statistics.median(near))
