"""The states of an app and the one table of what leads from each to which."""

from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """What a replica of an app or service, and so the app itself, is in."""

    STOPPED = "stopped"
    BUILDING = "building"
    STARTING = "starting"
    RUNNING = "running"
    SLEEPING = "sleeping"
    DRAINING = "draining"
    BACKOFF = "backoff"
    FAILED = "failed"


class Event(StrEnum):
    """What happens to a replica."""

    START = "start"
    """It is wanted."""
    BUILT = "built"
    """Its environment is there and its script can be started."""
    REFUSED = "refused"
    """It cannot work as it is: trying again without a change would end the same."""
    READY = "ready"
    """It answers its health check."""
    EXITED = "exited"
    """Its process is gone."""
    RETRY = "retry"
    """Its back-off is over."""
    SLEEP = "sleep"
    """Its process ended because nobody used it; its socket is open still."""
    WAKE = "wake"
    """Somebody knocks at its socket."""
    GIVE_UP = "give up"
    """It crashed too often, or it may not be started again."""
    DRAIN = "drain"
    """Another serves in its place; whoever is with it may stay for a while."""
    STOP = "stop"
    """It is not wanted any more."""


class IllegalEvent(Exception):
    """An event came that its state does not know; nothing has changed."""


TABLE = MappingProxyType(
    {
        (State.STOPPED, Event.START): State.BUILDING,
        (State.BUILDING, Event.BUILT): State.STARTING,
        (State.BUILDING, Event.REFUSED): State.FAILED,
        (State.BUILDING, Event.STOP): State.STOPPED,
        (State.STARTING, Event.READY): State.RUNNING,
        (State.STARTING, Event.REFUSED): State.FAILED,
        (State.STARTING, Event.EXITED): State.BACKOFF,
        (State.STARTING, Event.STOP): State.DRAINING,
        (State.RUNNING, Event.EXITED): State.BACKOFF,
        (State.RUNNING, Event.DRAIN): State.DRAINING,
        (State.RUNNING, Event.STOP): State.DRAINING,
        (State.RUNNING, Event.SLEEP): State.SLEEPING,
        (State.SLEEPING, Event.WAKE): State.BUILDING,
        (State.SLEEPING, Event.STOP): State.STOPPED,
        (State.DRAINING, Event.STOP): State.DRAINING,
        (State.DRAINING, Event.EXITED): State.STOPPED,
        (State.BACKOFF, Event.RETRY): State.BUILDING,
        (State.BACKOFF, Event.GIVE_UP): State.FAILED,
        (State.BACKOFF, Event.STOP): State.STOPPED,
        (State.FAILED, Event.STOP): State.STOPPED,
    }
)

ALIVE = frozenset({State.STARTING, State.RUNNING, State.DRAINING})
"""States with a process."""

SETTLED = frozenset({State.RUNNING, State.FAILED, State.STOPPED, State.SLEEPING})
"""States that last until somebody or something from outside changes them."""

SHOWN_FIRST = (
    State.RUNNING,
    State.STARTING,
    State.BUILDING,
    State.SLEEPING,
    State.BACKOFF,
    State.FAILED,
    State.DRAINING,
    State.STOPPED,
)
"""Which state speaks for an app whose replicas are in several."""


def after(state: State, event: Event) -> State:
    """Return the state that an event leads to; raise IllegalEvent where the table has none."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise IllegalEvent(f"{event.value} while {state.value}") from None


def combined(states: set[State]) -> State:
    """Return the state of an app from those of its replicas."""
    return next((state for state in SHOWN_FIRST if state in states), State.STOPPED)
