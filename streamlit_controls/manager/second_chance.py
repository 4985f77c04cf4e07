"""Which of the units that have failed were edited since, and deserve another try."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import Unit
from streamlit_controls.manager import fingerprint
from streamlit_controls.manager.fingerprint import Fingerprint

PAUSE, LONGEST_PAUSE = 2.0, 600.0
"""Seconds between two tries, doubled with each: in its folder others may write all the time."""


class SecondChance:
    """Looks at the folders of what is being started, and again once that has failed.

    `clock` is in seconds; `apart` are folders whose files no person writes.
    """

    def __init__(
        self,
        units: Callable[[], Mapping[str, Unit]],
        clock: Callable[[], float],
        apart: Iterable[Path] = (),
    ) -> None:
        self._units = units
        self._clock = clock
        self._apart = tuple(apart)
        self._tried: dict[int, tuple[int, Fingerprint]] = {}
        """By replica: which of its starts it is, and how its folder looked then."""
        self._failed: dict[int, Fingerprint] = {}
        """By replica that has failed: how its folder looked when that was tried."""
        self._writers: set[str] = set()
        """Units that may write to their own folder when they start."""
        self._tries: dict[str, int] = {}
        self._due: dict[str, float] = {}

    async def note(self, snapshot: Snapshot) -> None:
        """Remember how the folders look of what is being started, before it can fail."""
        live = {replica.number: replica for replica in snapshot.replicas}
        for number in [each for each in self._tried if not _may_fail(live.get(each))]:
            del self._tried[number]
        for replica, unit in self._ours(snapshot, State.BUILDING, State.STARTING):
            known = self._tried.get(replica.number)
            if known is None or known[0] != replica.restarts:
                self._tried[replica.number] = replica.restarts, await self._look(unit)

    async def edited(self, snapshot: Snapshot) -> list[str]:
        """Return the units that have failed and were edited since they were tried."""
        failed = self._ours(snapshot, State.FAILED)
        numbers = {replica.number for replica, _ in failed}
        self._failed = {number: it for number, it in self._failed.items() if number in numbers}
        undecided = {each.unit for each in snapshot.replicas if _may_fail(each)}
        for unit in self._tries.keys() - undecided:
            del self._tries[unit], self._due[unit]
        looks = [(replica, await self._look(unit)) for replica, unit in failed]
        found = {replica.unit for replica, now in looks if self._differs(replica, now)}
        for name in found:
            self._tries[name] = self._tries.get(name, 0) + 1
            self._due[name] = self._clock() + min(PAUSE * 2 ** self._tries[name], LONGEST_PAUSE)
        return sorted(found)

    def _differs(self, replica: Replica, now: Fingerprint) -> bool:
        unit, number = replica.unit, replica.number
        if number not in self._failed:
            # What was written between its start and its end it may have written itself: that
            # counts, but not twice in a row.
            _, tried = self._tried.get(number, (0, now))
            self._failed[number] = now if unit in self._writers else tried
            (self._writers.discard if tried == now else self._writers.add)(unit)
        return now != self._failed[number] and self._clock() >= self._due.get(unit, 0.0)

    def _ours(self, snapshot: Snapshot, *states: State) -> list[tuple[Replica, Unit]]:
        """Return the replicas of apps that are in certain states."""
        units = self._units()
        return [
            (replica, unit)
            for replica in snapshot.replicas
            if replica.state in states and (unit := units.get(replica.unit)) and unit.app
        ]

    async def _look(self, unit: Unit) -> Fingerprint:
        return await asyncio.to_thread(fingerprint.of_unit, unit, self._apart)


def _may_fail(replica: Replica | None) -> bool:
    """Tell whether a replica's last try is not decided yet, or has failed."""
    undecided = {State.BUILDING, State.STARTING, State.BACKOFF, State.FAILED}
    return replica is not None and replica.state in undecided
