"""Takes over what an earlier manager left: what runs runs on, what waits waits on."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from streamlit_controls.core.engine import Engine
from streamlit_controls.core.events import Exited, Happening
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.unit import Unit
from streamlit_controls.manager.roster import Roster

log = logging.getLogger(__name__)


class Inheritance:
    """Puts the replicas of an earlier manager on the roster, and their processes into hands."""

    def __init__(
        self,
        engine: Engine,
        roster: Roster,
        units: Mapping[str, Unit],
        post: Callable[[Happening], None],
        clock: Callable[[], float],
    ) -> None:
        """`units` has a unit for each process that was left; `post` hears of those that ended."""
        self._engine = engine
        self._roster = roster
        self._units = units
        self._post = post
        self._clock = clock

    def accept(self, replicas: Iterable[Replica]) -> None:
        """Take all of them over; what has no process and no unit any more is forgotten."""
        for replica in replicas:
            if replica.instance is not None:
                self._adopt(replica, self._units[replica.unit])
            elif replica.unit in self._units:
                self._recall(replica, self._units[replica.unit])

    def _adopt(self, replica: Replica, unit: Unit) -> None:
        assert replica.instance is not None
        self._roster.put(replica)
        adopted = self._engine.adopt(replica, unit)
        if adopted is None:
            reason = "ended while no manager ran"
            self._post(Exited(replica.number, replica.instance.id, reason))
            return
        self._roster.put(adopted)
        log.info("%s: adopted pid %s", replica.unit, replica.instance.pid)
        if replica.drains_until is not None:  # whether it was told, nobody knows
            self._engine.drain(replica)
        elif replica.state is State.DRAINING:
            self._engine.terminate(replica)

    def _recall(self, replica: Replica, unit: Unit) -> None:
        """Have one without a process go on as it was: failed, asleep, or before its next try.

        What was about to start is at its next try, with whatever that has to do.
        """
        if replica.state is State.FAILED:
            self._roster.put(replica)  # it would again
        elif replica.state is State.SLEEPING:
            self._roster.put(replica)
            self._engine.rest(replica, unit)
        elif replica.state is State.BACKOFF or replica.reserved is not None:
            due = self._clock() if replica.retry_at is None else replica.retry_at
            waiting = replace(replica, state=State.BACKOFF, retry_at=due)
            self._roster.put(waiting)
            self._engine.hold(waiting, unit)
