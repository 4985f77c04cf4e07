"""One line of life of a unit: its state, its process, its crashes."""

from dataclasses import dataclass, replace

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
    error: str | None = None
    """Why the script's last run failed, if it did."""
    binds_itself: bool = False
    """Whether it listens on its port by itself, as older releases of Streamlit do."""


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

    @property
    def alive(self) -> bool:
        """Tell whether it has a process."""
        return self.state in ALIVE

    def transition(self, event: Event) -> "Replica":
        """Return the replica after an event that changes its state and nothing else."""
        return replace(self, state=after(self.state, event))

    def refused(self, reason: str) -> "Replica":
        """Return the replica after a try that would end the same again."""
        return replace(self.transition(Event.REFUSED), instance=None, deadline=None, error=reason)

    def launched(self, instance: Instance, deadline: float) -> "Replica":
        """Return the replica with its new process, which has until `deadline` to be ready."""
        return replace(self, instance=instance, deadline=deadline)

    def ready(self, script_error: str | None) -> "Replica":
        """Return the replica after its process answered."""
        assert self.instance is not None
        instance = replace(self.instance, error=script_error)
        return replace(self.transition(Event.READY), instance=instance, deadline=None, error=None)

    def exited(self, reason: str, now: float, backoff: Backoff, may_restart: bool) -> "Replica":
        """Return the replica after its process ended: stopped, waiting for a retry, or failed.

        `now` is in seconds since boot, as births are.
        """
        gone = replace(self.transition(Event.EXITED), instance=None, deadline=None, retry_at=None)
        if gone.state is State.STOPPED:
            return gone
        # One that never answered was of no use, however long it took.
        answered = self.instance if self.state is State.RUNNING else None
        lived = now - answered.birth if answered else 0.0
        crashes = backoff.count(self.crashes, lived)
        gone = replace(gone, crashes=crashes, error=reason)
        if not may_restart:
            return gone.transition(Event.GIVE_UP)
        if backoff.exhausted(crashes):
            gave_up = replace(gone, error=f"{reason}; gave up after {crashes} crashes in a row")
            return gave_up.transition(Event.GIVE_UP)
        return replace(gone, retry_at=now + backoff.delay(crashes))

    def retrying(self) -> "Replica":
        """Return the replica at the start of its next try."""
        return replace(self.transition(Event.RETRY), retry_at=None, restarts=self.restarts + 1)

    def stopping(self, deadline: float) -> "Replica":
        """Return the replica after it was told to stop; a process has until `deadline`."""
        told = self.transition(Event.STOP)
        alive = told.state is State.DRAINING
        return replace(told, deadline=deadline if alive else None, retry_at=None)
