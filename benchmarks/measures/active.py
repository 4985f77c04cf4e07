"""What many apps that are in use take of the machine's memory."""

import time
from contextlib import ExitStack

from benchmarks import processes
from benchmarks.client import Visitor
from benchmarks.sample import PANDAS, many
from benchmarks.session import Session
from benchmarks.turns import turns

APPS = 10
ROUNDS = 3
"""At the most: the figures hardly differ."""
SETTLE = 3.0
"""Seconds in which what is going on comes to its end."""


def measure(session: Session) -> None:
    """Open a session of each app and keep it; one contender runs at a time."""
    apps = many(APPS, PANDAS)
    for _, kind in turns(session.contenders, min(session.rounds, ROUNDS)):
        with session.made(kind, apps) as contender, ExitStack() as sessions:
            contender.launch()
            contender.wait()
            for app in apps:
                visitor = sessions.enter_context(Visitor(contender.page(app), app.kind))
                visitor.first_render()
            time.sleep(SETTLE)
            taken = processes.memory(contender.processes())
            session.results.add("active", contender.name, taken)
