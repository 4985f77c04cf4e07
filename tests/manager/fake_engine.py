"""An engine without processes, whose world a test moves by hand, and a clock that it sets."""

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.events import (
    Exited,
    Happening,
    Prepared,
    Ready,
    Refused,
    Reported,
    Weighed,
    Woken,
)
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.plan import Wish
from streamlit_controls.core.replica import Instance, Replica
from streamlit_controls.core.unit import Unit
from streamlit_controls.manager.reconciler import Reconciler


class FakeEngine:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.told: list[tuple[str, object]] = []
        self.launches: list[tuple[Unit, Instance]] = []
        self.ports: Counter[int] = Counter()
        self.refuse_launch = ""
        self.gone: set[str] = set()
        self.alone: set[str] = set()
        """Units whose processes keep the only copy of their socket."""
        self._ids = itertools.count(1)
        self._free = itertools.count(40000)

    def clock(self) -> float:
        return self.now

    def prepare(self, replica: Replica, unit: Unit) -> None:  # noqa: ARG002
        self.told.append(("prepare", replica.number))

    def launch(self, replica: Replica, unit: Unit, prepared: Prepared) -> Instance:  # noqa: ARG002
        if self.refuse_launch:
            raise LaunchError(self.refuse_launch, "choose another port")
        number = next(self._ids)
        port = replica.port or next(self._free)
        self.told.append(("launch", replica.number))
        self.ports[port] += 1
        made = Instance(replica.reserved or f"i{number}", port, 4000 + number, self.now, 0.0)
        self.launches.append((unit, made))
        return made

    def adopt(self, replica: Replica, unit: Unit) -> Replica | None:
        assert replica.instance is not None
        self.told.append(("adopt", unit.name))
        if replica.instance.id in self.gone:
            return None
        alone = unit.name in self.alone
        return replace(replica, instance=replace(replica.instance, keeps_socket=alone))

    def rest(self, replica: Replica, unit: Unit) -> None:  # noqa: ARG002
        self.told.append(("rest", replica.number))

    def nap(self, replica: Replica, *, at_once: bool) -> None:
        self.told.append(("end now" if at_once else "nap", replica.number))

    def hold(self, replica: Replica, unit: Unit) -> None:  # noqa: ARG002
        self.told.append(("hold", replica.reserved))

    def drain(self, replica: Replica) -> None:
        self.told.append(("drain", replica.number))

    def terminate(self, replica: Replica) -> None:
        self.told.append(("terminate", replica.number))

    def kill(self, replica: Replica) -> None:
        self.told.append(("kill", replica.number))

    def release(self, port: int) -> None:
        self.told.append(("release", port))

    def forget(self, replica: Replica) -> None:
        self.told.append(("forget", replica.number))


class World:
    """A reconciler with a fake engine, and short words for what happens."""

    def __init__(self, *units: Unit) -> None:
        self.engine = FakeEngine()
        self.published = 0
        self.reconciler = Reconciler(
            self.engine, self._published, self.engine.clock, chance=lambda: 0.5
        )
        self.units = {each.name: each for each in units}
        self.generations = dict.fromkeys(self.units, 1)
        self.off: set[str] = set()
        self.slept: dict[str, float] = {}

    def _published(self) -> None:
        self.published += 1

    def wish(self) -> None:
        """Wish all units, but those that are off."""
        self.reconciler.wish(self.units, self.wishes())
        self.happen(*())

    def wishes(self) -> Mapping[str, Wish]:
        return {
            name: Wish(
                0 if name in self.off else unit.replicas,
                self.generations[name],
                unit.overlaps,
                drain_timeout=unit.drain_timeout,
                idle_timeout=unit.idle_timeout,
                sleep_before=self.slept.get(name, 0.0),
            )
            for name, unit in self.units.items()
        }

    def restart(self, name: str) -> None:
        self.generations[name] += 1
        self.wish()

    def stop(self, name: str) -> None:
        self.off.add(name)
        self.wish()

    def start(self, name: str) -> None:
        self.off.discard(name)
        self.wish()

    def sleep(self, name: str) -> None:
        """Wish that what runs of a unit sleeps, a moment after it began."""
        self.engine.now += 1.0
        self.slept[name] = self.engine.now
        self.wish()

    def knocked(self, number: int) -> None:
        self.happen(Woken(number))

    def happen(self, *events: Happening) -> None:
        for event in events:
            self.reconciler.handle(event)
        assert self.reconciler.reconcile()

    def passes(self, seconds: float) -> None:
        self.engine.now += seconds
        assert self.reconciler.reconcile()

    def prepared(self, number: int) -> None:
        self.happen(Prepared(number, Path("/envs/x/bin/python"), "app.py"))

    def refused(self, number: int, reason: str = "a broken requirements.txt") -> None:
        self.happen(Refused(number, reason))

    def ready(self, number: int, script_error: str | None = None) -> None:
        self.happen(Ready(number, self.instance(number).id, script_error))

    def exited(self, number: int, reason: str = "exited with code 1") -> None:
        self.happen(Exited(number, self.instance(number).id, reason))

    def weighed(self, number: int, used: int) -> None:
        self.happen(Weighed(number, self.instance(number).id, used))

    def reported(self, number: int, **values: object) -> None:
        self.happen(Reported(number, self.instance(number).id, values))

    def up(self, number: int) -> None:
        """See a replica through a good start."""
        self.prepared(number)
        self.ready(number)

    def replica(self, number: int) -> Replica:
        return next(each for each in self.reconciler.replicas if each.number == number)

    def instance(self, number: int) -> Instance:
        found = self.replica(number).instance
        assert found is not None
        return found

    def states(self) -> dict[int, State]:
        return {each.number: each.state for each in self.reconciler.replicas}

    def heard(self, what: str) -> list[object]:
        """Return what the engine was told of a kind since the last time, in order."""
        found = [about for told, about in self.engine.told if told == what]
        self.engine.told = [each for each in self.engine.told if each[0] != what]
        return found
