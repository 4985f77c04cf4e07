"""How long a visitor waits for an app that does not run."""

from contextlib import ExitStack

from benchmarks.client import Visitor
from benchmarks.contender import Contender
from benchmarks.results import BASE
from benchmarks.sample import KINDS, App
from benchmarks.session import Session
from benchmarks.turns import turns

DISCARDED = 1
"""Rounds before those that count: they bring all files into memory."""


def measure(session: Session) -> None:
    """Start each contender with one app, and wake that app, again and again."""
    for kind in KINDS:
        app = App(kind.name, kind)
        with ExitStack() as stack:
            contenders = [
                stack.enter_context(session.made(contender, [app]))
                for contender in session.contenders
            ]
            for number, contender in turns(contenders, session.rounds + DISCARDED):
                _start(session, contender, app, counts=number >= DISCARDED)


def _start(session: Session, contender: Contender, app: App, *, counts: bool) -> None:
    contender.launch()
    try:
        cold = _first_render(contender, app)
        contender.wait()
        if counts and "cold" in session.wanted:
            session.results.add(f"cold-{app.kind.name}", contender.name, cold)
        if "wake" in session.wanted:
            _wake(session, contender, app, cold, counts=counts)
    finally:
        contender.stop()


def _wake(session: Session, contender: Contender, app: App, cold: float, *, counts: bool) -> None:
    row = f"wake-{app.kind.name}"
    with session.tried(contender, row):
        if contender.name == BASE:
            seconds = cold  # what a visitor would wait for if nothing ran until it is needed
        else:
            contender.sleep(app)
            seconds = _first_render(contender, app)
        if counts:
            session.results.add(row, contender.name, seconds)


def _first_render(contender: Contender, app: App) -> float:
    with Visitor(contender.page(app), app.kind) as visitor:
        return visitor.first_render()
