"""Carries out what the plan says: the one place where a decision becomes a process's fate."""

from collections.abc import Callable
from dataclasses import replace

from streamlit_controls.core.engine import Engine
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.plan import (
    Action,
    Create,
    Drain,
    Kill,
    Remove,
    Retry,
    Sleep,
    Stop,
)
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.unit import Unit
from streamlit_controls.manager.roster import Roster

STOP_TIMEOUT = 10.0
"""Seconds from SIGTERM to SIGKILL."""


class Actions:
    """Has the engine do what an action says, and writes down what follows for the replica."""

    def __init__(
        self,
        engine: Engine,
        roster: Roster,
        unit_of: Callable[[str], Unit],
        clock: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._roster = roster
        self._unit_of = unit_of
        self._clock = clock

    def carry_out(self, action: Action) -> None:
        """Do what an action says."""
        if isinstance(action, Create):
            unit = self._unit_of(action.unit)
            self._engine.prepare(self._roster.enter(unit, action.generation), unit)
            return
        replica = self._roster[action.replica]
        match action:
            case Retry():
                retrying = replica.retrying()
                self._roster.put(retrying)
                self._engine.prepare(retrying, self._unit_of(replica.unit))
            case Drain(_, until):
                draining = replica.draining(until)
                self._roster.put(draining)
                self._engine.drain(draining)
            case Stop():
                self._stop(replica)
            case Sleep(_, at_once):
                resting = replica.told_to_sleep(self._clock() + STOP_TIMEOUT)
                self._roster.put(resting)
                self._engine.nap(resting, at_once=at_once)
            case Kill():
                self._kill(replica)
            case Remove():
                self.release(self._roster.strike(replica.number))

    def release(self, replica: Replica) -> None:
        """Close a replica's port, unless another replica lives on it."""
        if replica.port and not self._roster.needs_port(replica):
            self._engine.release(replica.port)

    def _stop(self, replica: Replica) -> None:
        self._engine.forget(replica)
        stopping = replica.stopping(self._clock() + STOP_TIMEOUT)
        self._roster.put(stopping)
        if stopping.state is State.DRAINING:
            self._engine.terminate(stopping)

    def _kill(self, replica: Replica) -> None:
        if replica.state is State.STARTING:
            patience = self._unit_of(replica.unit).start_timeout
            replica = replica.condemned(
                f"did not answer within {patience} seconds, its start_timeout"
            )
        self._roster.put(replace(replica, deadline=None))
        self._engine.kill(replica)
