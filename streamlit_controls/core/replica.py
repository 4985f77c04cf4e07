"""One line of life of a unit: its state, its process, its crashes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from streamlit_controls.core.backoff import Backoff
from streamlit_controls.core.lifecycle import ALIVE, Event, State, after


@dataclass(frozen=True)
class Instance:
    """One running process: its id is new for each start."""

    id: str
    port: int
    pid: int
    birth: float
    """Seconds from boot to the process's start: a pid with another birth is somebody else."""
    started_at: float
    sessions: int | None = None
    used_at: float | None = field(default=None, compare=False)
    """When it was last used, in seconds since boot; None where it has not told yet.

    It changes all the time and means nothing to most readers: it makes no instance another.
    """
    stays: int = field(default=0, compare=False)
    """How often it was told to sleep and did not, having been used meanwhile."""
    busy: bool = field(default=False, compare=False)
    """Whether it answers a request, or runs a script, just now."""
    error: str | None = None
    """Why the script's last run failed, if it did."""
    forked: bool = False
    """Whether it is a fork of a zygote."""
    binds_itself: bool = False
    """Whether it listens on its port by itself, as older releases of Streamlit do."""
    keeps_socket: bool = False
    """Whether the socket that a successor is to have, too, is for now its alone."""


@dataclass(frozen=True)
class End:
    """Why a process ended that was not meant to, and when, in seconds since boot."""

    reason: str
    at: float


NOBODY = Instance("", 0, 0, 0.0, 0.0)
"""No process at all, where one would be asked about itself."""

SOON = 1.5
"""Seconds for which visitors are kept waiting; of a longer pause they are told."""


@dataclass(frozen=True)
class Replica:
    """A unit's place for one process at a time, for one generation of the unit.

    Crashes, waits and new starts happen within it; a restart makes a new one beside it.
    """

    number: int
    unit: str
    generation: int
    port: int
    state: State = State.STOPPED
    instance: Instance | None = None
    crashes: int = 0
    restarts: int = 0
    retry_at: float | None = None
    deadline: float | None = None
    """When a start, or a stop, has taken too long."""
    error: str | None = None
    resting: bool = False
    """Whether its process was told to end so that it sleeps."""
    reserved: str | None = None
    """The id that its next process will have: the address at which it waits to be woken."""
    dozing: bool = False
    """Whether it went to sleep with tabs open, which must not wake it by themselves."""
    python: str | None = None
    """The interpreter of the environment in which its first process ran, and so all will."""
    worn: str | None = None
    """Why another should take its place, although it serves."""
    condemned_for: str | None = None
    """Why its process is being ended by force, if it is."""
    drains_until: float | None = None
    """Until when those who are with it may stay; None unless it drains, and once it was told to
    end."""

    @property
    def address(self) -> str | None:
        """The id at which visitors reach it, be there a process or not."""
        return self.instance.id if self.instance else self.reserved

    @property
    def visitable(self) -> bool:
        """Tell whether a visitor finds it, at once or after the moment that its waking takes."""
        return self.state in {State.RUNNING, State.SLEEPING} or self.reserved is not None

    @property
    def alive(self) -> bool:
        """Tell whether it has a process."""
        return self.state in ALIVE

    @property
    def never_answered(self) -> bool:
        """Tell whether its process is being ended for having had its time to start in vain."""
        return self.state is State.STARTING and self.condemned_for is not None

    def transition(self, event: Event) -> "Replica":
        """Return the replica after an event that changes its state and nothing else."""
        return replace(self, state=after(self.state, event))

    def refused(self, reason: str) -> "Replica":
        """Return the replica after a try that would end the same again."""
        failed = self.transition(Event.REFUSED)
        return replace(failed, instance=None, deadline=None, error=reason, reserved=None)

    def launched(self, instance: Instance, deadline: float, python: str | None = None) -> "Replica":
        """Return the replica with its new process, which has until `deadline` to be ready."""
        return replace(self, instance=instance, deadline=deadline, python=python)

    def ready(self, script_error: str | None) -> "Replica":
        """Return the replica after its process answered."""
        assert self.instance is not None
        instance = replace(self.instance, error=script_error)
        running = self.transition(Event.READY)
        return replace(
            running, instance=instance, deadline=None, error=None, reserved=None, dozing=False
        )

    def reported(self, values: Mapping[str, Any]) -> "Replica":
        """Return the replica after its process told how it is doing; it may say anything."""
        assert self.instance is not None
        sessions, used_at, error = (values.get(key) for key in ("sessions", "used_at", "error"))
        stays = values.get("stays", 0)
        instance = replace(
            self.instance,
            sessions=sessions if isinstance(sessions, int) else None,
            used_at=used_at if isinstance(used_at, float) else None,
            stays=stays if isinstance(stays, int) else 0,
            busy=bool(values.get("busy")),
            error=error if isinstance(error, str) else None,
            binds_itself=bool(values.get("binds_itself")),
        )
        refused = self.resting and instance.stays != self.instance.stays
        return replace(self.stays_awake() if refused else self, instance=instance)

    def told_to_sleep(self, deadline: float) -> "Replica":
        """Return the replica after its process was asked to end; it has until `deadline`."""
        return replace(self, resting=True, deadline=deadline)

    def stays_awake(self) -> "Replica":
        """Return the replica after its process was used before it could go to sleep."""
        return replace(self, resting=False, deadline=None)

    def slept(self, reserved: str) -> "Replica":
        """Return the replica after its process ended; the next one will have the id `reserved`."""
        assert self.instance is not None
        asleep = self.transition(Event.SLEEP)
        tabs = bool(self.instance.sessions)
        return replace(
            asleep,
            instance=None,
            deadline=None,
            resting=False,
            reserved=reserved,
            dozing=tabs,
            worn=None,
            condemned_for=None,
        )

    def outgrown(self, reason: str) -> "Replica":
        """Return the replica that another is to replace as soon as that serves."""
        return replace(self, worn=reason)

    def condemned(self, reason: str) -> "Replica":
        """Return the replica whose process is ended by force for a reason."""
        return replace(self, condemned_for=reason)

    def draining(self, until: float) -> "Replica":
        """Return the replica after another took its place; its sessions may stay for a while."""
        drained = self.transition(Event.DRAIN)
        return replace(drained, drains_until=until, resting=False, deadline=None)

    def waking(self) -> "Replica":
        """Return the replica at the start of the process that somebody waits for."""
        return self.transition(Event.WAKE)

    def exited(
        self,
        reason: str,
        now: float,
        backoff: Backoff,
        *,
        may_restart: bool,
        successor: str,
        chance: float = 0.5,
    ) -> "Replica":
        """Return the replica after its process ended: stopped, waiting for a retry, or failed.

        `now` is in seconds since boot, as births are; `chance` goes into the wait. Where the next
        process comes soon, `successor` is its id already, and whoever comes waits there.
        """
        gone = replace(
            self.transition(Event.EXITED),
            instance=None,
            deadline=None,
            retry_at=None,
            drains_until=None,
            condemned_for=None,
            worn=None,
        )
        if gone.state is State.STOPPED:
            return gone
        could_be_waited_for = self.visitable and not (self.instance or NOBODY).binds_itself
        # One that never answered was of no use, however long it took.
        answered = self.instance if self.state is State.RUNNING else None
        lived = now - answered.birth if answered else 0.0
        crashes = backoff.count(self.crashes, lived)
        gone = replace(gone, crashes=crashes, error=reason)
        if not may_restart:
            return replace(gone.transition(Event.GIVE_UP), reserved=None)
        if backoff.exhausted(crashes):
            error = f"{reason}; gave up after {crashes} crashes in a row"
            return replace(gone.transition(Event.GIVE_UP), error=error, reserved=None)
        delay = backoff.delay(crashes, chance)
        soon = could_be_waited_for and delay <= SOON
        return replace(gone, retry_at=now + delay, reserved=successor if soon else None)

    def retrying(self) -> "Replica":
        """Return the replica at the start of its next try."""
        return replace(self.transition(Event.RETRY), retry_at=None, restarts=self.restarts + 1)

    def stopping(self, deadline: float) -> "Replica":
        """Return the replica after it was told to stop; a process has until `deadline`."""
        told = self.transition(Event.STOP)
        alive = told.state is State.DRAINING
        return replace(
            told,
            deadline=deadline if alive else None,
            retry_at=None,
            drains_until=None,
            resting=False,
            reserved=None,
        )
