"""The words that people read for the states of an app."""

from dataclasses import dataclass

from streamlit_controls.core.lifecycle import State


@dataclass(frozen=True)
class Words:
    """How one state is told: a label, a headline about an app, what happens next."""

    label: str
    headline: str
    explanation: str
    answers: bool
    retry_after: int | None
    """Seconds after which asking again is worth it; None where that would wake it for nobody."""


STATES: dict[str, Words] = {
    State.RUNNING: Words(
        "Running",
        "{name} does not answer",
        "It is running, but this request did not get through. The page tries again by itself.",
        answers=True,
        retry_after=2,
    ),
    State.STARTING: Words(
        "Starting",
        "{name} is starting",
        "It opens here by itself as soon as it answers.",
        answers=True,
        retry_after=1,
    ),
    State.SLEEPING: Words(
        "Asleep",
        "{name} is asleep",
        "It wakes as soon as someone opens it.",
        answers=True,
        retry_after=None,
    ),
    State.DRAINING: Words(
        "Finishing",
        "{name} is being replaced",
        "It opens here by itself as soon as it answers again.",
        answers=True,
        retry_after=2,
    ),
    State.BUILDING: Words(
        "Building",
        "{name} is being built",
        "Its environment is being installed. It opens here by itself as soon as it answers.",
        answers=False,
        retry_after=5,
    ),
    State.BACKOFF: Words(
        "Restarting",
        "{name} ended unexpectedly",
        "It is started again after a short pause, and opens here by itself.",
        answers=False,
        retry_after=3,
    ),
    State.FAILED: Words(
        "Failed",
        "{name} cannot run",
        "Someone has to look at it. It opens here by itself once it is repaired.",
        answers=False,
        retry_after=15,
    ),
    State.STOPPED: Words(
        "Stopped",
        "{name} is stopped",
        "It was turned off. It opens here by itself once it is started again.",
        answers=False,
        retry_after=15,
    ),
}

_UNKNOWN = Words(
    "Unknown",
    "{name} does not answer",
    "The page tries again by itself.",
    answers=True,
    retry_after=5,
)


def words(state: str) -> Words:
    """Return the words for a state; one that a newer manager has is told as unknown."""
    return STATES.get(state, _UNKNOWN)
