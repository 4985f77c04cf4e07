"""The one writer of run-time state: brings what runs to what is wished.

Everything that happens comes as an event on one queue. Each is folded into the replicas, the plan
says what to do, the engine does it, and a new snapshot is published.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from streamlit_controls.core import appetite
from streamlit_controls.core import plan as planning
from streamlit_controls.core.backoff import Backoff
from streamlit_controls.core.engine import Engine
from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.events import (
    Exited,
    Happening,
    Prepared,
    Pressed,
    Ready,
    Refused,
    Reported,
    Unhealthy,
    Weighed,
    Wished,
    Woken,
)
from streamlit_controls.core.lifecycle import Event, State
from streamlit_controls.core.names import instance_id
from streamlit_controls.core.plan import Sleep, Wish
from streamlit_controls.core.replica import End, Replica
from streamlit_controls.core.unit import Unit, removed
from streamlit_controls.manager.actions import Actions
from streamlit_controls.manager.inheritance import Inheritance
from streamlit_controls.manager.roster import Roster

PAUSE = 0.5
"""Seconds before what could not be carried out is tried again."""

log = logging.getLogger(__name__)


class Reconciler:
    """Holds the replicas of all units and carries out the plan for them."""

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[], None],
        clock: Callable[[], float],
        backoff: Backoff | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._publish = publish
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._chance = chance
        self._queue: asyncio.Queue[Happening] = asyncio.Queue()
        self._units: Mapping[str, Unit] = {}
        self._roster = Roster()
        self._actions = Actions(engine, self._roster, lambda name: self._units[name], clock)
        self.wishes: Mapping[str, Wish] = {}
        self.ends: Mapping[str, End] = {}
        """Why the last process of a unit ended that was not meant to."""

    @property
    def replicas(self) -> tuple[Replica, ...]:
        """The replicas of all units as they are now."""
        return self._roster.all

    def post(self, event: Happening) -> None:
        """Tell what happened; it is worked on in turn."""
        self._queue.put_nowait(event)

    def wish(self, units: Mapping[str, Unit], wishes: Mapping[str, Wish]) -> None:
        """Change what should run."""
        # A unit that is not wished any more is still needed to end its replicas.
        self._units = {**self._units, **units}
        self.wishes = wishes
        self.post(Wished())

    def restore(self, replicas: tuple[Replica, ...]) -> None:
        """Take over what an earlier manager left: what still runs, runs on."""
        left = [each for each in replicas if each.instance and each.unit not in self._units]
        self._units = {**self._units, **{each.unit: removed(each.unit, each.port) for each in left}}
        inheritance = Inheritance(self._engine, self._roster, self._units, self.post, self._clock)
        inheritance.accept(replicas)

    async def run(self) -> None:
        """Work on what happens, for ever."""
        while True:
            try:
                async with asyncio.timeout(self._until_due()):
                    self._heed(await self._queue.get())
            except TimeoutError:
                pass
            while not self._queue.empty():
                self._heed(self._queue.get_nowait())
            pause = 0.0 if self.act() else PAUSE
            await asyncio.sleep(pause)  # what was begun goes on before others hear of it
            self._publish()

    def _heed(self, event: Happening) -> None:
        """Handle an event; what is wrong with one unit is no reason to leave all others alone."""
        try:
            self.handle(event)
        except Exception:
            log.exception("%s cannot be dealt with", event)

    def handle(self, event: Happening) -> None:
        """Fold one event into the replica that it is about; late ones are dropped."""
        matches = self._roster.matches
        match event:
            case Prepared(number) if matches(number, State.BUILDING):
                self._start(self._roster[number], event)
            case Refused(number, reason) if matches(number, State.BUILDING, State.STARTING):
                self._refuse(self._roster[number], reason)
            case Ready(number, instance, error) if matches(number, State.STARTING, at=instance):
                self._ready(self._roster[number], error)
            case Exited(number, instance, reason) if matches(number, at=instance):
                self._exited(self._roster[number], reason)
            case Unhealthy(number, instance, reason) if matches(number, at=instance):
                self._condemn(self._roster[number], reason)
            case Reported(number, instance, values) if matches(number, at=instance):
                self._roster.put(self._roster[number].reported(values))
            case Weighed(number, instance, used) if matches(number, at=instance):
                self._weighed(self._roster[number], used)
            case Pressed():
                self._make_room()
            case Woken(number) if matches(number, State.SLEEPING):
                replica = self._roster[number].waking()
                self._roster.put(replica)
                self._engine.prepare(replica, self._units[replica.unit])

    def reconcile(self) -> bool:
        """Carry out the plan, then publish; return whether all was done."""
        done = self.act()
        self._publish()
        return done

    def act(self) -> bool:
        """Carry out the plan until there is nothing more to do now; return whether all was done.

        What cannot be done is tried again soon, and keeps nothing else from being done.
        """
        done = True
        while done and (actions := planning.plan(self.wishes, self.replicas, self._clock())):
            for action in actions:
                try:
                    self._actions.carry_out(action)
                except Exception:
                    log.exception("%s cannot be carried out", action)
                    done = False
        return done

    def _make_room(self) -> None:
        number = planning.idlest(self.wishes, self.replicas, self._clock())
        if number is not None:
            log.warning("%s: sleeps early, as memory is short", self._roster[number].unit)
            self._actions.carry_out(Sleep(number))

    def _start(self, replica: Replica, prepared: Prepared) -> None:
        unit = self._units[replica.unit]
        try:
            instance = self._engine.launch(replica, unit, prepared)
        except LaunchError as error:
            self._refuse(replica, f"{error.message} ({error.hint})" if error.hint else str(error))
            return
        deadline = self._clock() + unit.start_timeout
        built = replica.transition(Event.BUILT)
        started = built.launched(instance, deadline, str(prepared.python))
        self._roster.put(replace(started, port=instance.port))
        log.info("%s: started pid %s on port %s", unit.name, instance.pid, instance.port)

    def _ready(self, replica: Replica, script_error: str | None) -> None:
        if script_error and self._roster.serves_before(replica):
            self._refuse(replica, script_error)
            return
        self._roster.put(replica.ready(script_error))
        log.info("%s: ready%s", replica.unit, f"; but {script_error}" if script_error else "")

    def _refuse(self, replica: Replica, reason: str) -> None:
        self._engine.forget(replica)
        if replica.instance is not None:
            self._engine.kill(replica)
        self._roster.put(replica.refused(reason))
        self._actions.release(replica)
        log.warning("%s: failed: %s", replica.unit, reason)

    def _exited(self, replica: Replica, reason: str) -> None:
        assert replica.instance is not None
        why = replica.condemned_for or reason
        unit = self._units[replica.unit]
        if replica.resting:
            asleep = replica.slept(instance_id())
            self._roster.put(asleep)
            self._engine.rest(asleep, unit)
            log.info("%s: sleeps", replica.unit)
            return
        now = self._clock()
        # What has not answered in all its time would take as long again, and another serves.
        in_vain = replica.never_answered and self._roster.serves_before(replica)
        # Without the site, or the gateway, nothing is seen.
        policy = self._backoff if unit.app else self._backoff.unending()
        after = replica.exited(
            why,
            now,
            policy,
            may_restart=unit.restart_on_crash and not in_vain,
            successor=instance_id(),
            chance=self._chance(),
        )
        self._roster.put(after)
        if after.state is not State.STOPPED or replica.condemned_for:
            self.ends = {**self.ends, replica.unit: End(why, now)}
        if after.reserved is not None:
            self._engine.hold(after, unit)
        if after.state is State.FAILED:  # what is stopped gives its port up when it is removed
            self._actions.release(after)
        log.log(
            logging.INFO if after.state is State.STOPPED else logging.WARNING,
            "%s: pid %s %s; now %s",
            replica.unit,
            replica.instance.pid,
            why,
            after.state.value,
        )

    def _weighed(self, replica: Replica, used: int) -> None:
        """Replace, or end, a replica whose process uses more memory than its unit may."""
        assert replica.instance is not None
        limit, now = self._units[replica.unit].memory_limit, self._clock()
        if limit is None:
            return
        others = [each for each in self.replicas if each.unit == replica.unit]
        verdict = appetite.verdict(replica, others, used=used, limit=limit, now=now)
        if verdict is appetite.Verdict.STAYS:
            return
        why = appetite.reason(used, limit)
        log.warning("%s: pid %s %s", replica.unit, replica.instance.pid, why)
        if verdict is appetite.Verdict.KILLED:
            self._condemn(replica, why)
        else:
            self.ends = {**self.ends, replica.unit: End(why, now)}
            self._roster.put(replica.outgrown(why))

    def _condemn(self, replica: Replica, reason: str) -> None:
        """Have a replica's process end by force, and remember why."""
        self._roster.put(replica.condemned(reason))
        self._engine.kill(replica)

    def _until_due(self) -> float | None:
        due = planning.next_due(self.wishes, self.replicas)
        return None if due is None else max(0.0, due - self._clock())
