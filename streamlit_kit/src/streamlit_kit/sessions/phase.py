"""The phases of a session, and the one table of how they follow each other."""

from enum import StrEnum
from types import MappingProxyType


class Phase(StrEnum):
    """How a session stands."""

    ARRIVING = "arriving"
    """It is there, but its tab has not told yet whether it is one that was there before."""
    PRESENT = "present"
    LOST = "lost"
    """Its connection ended while it was arriving."""
    AWAY = "away"
    """Its connection ended: it may be a short drop, or a reload."""
    OVER = "over"


class Step(StrEnum):
    """What can happen to a session."""

    SETTLE = "settle"
    """Its tab told that it is a new one, or did not tell for so long that it will not."""
    YIELD = "yield"
    """Its tab told that it is one that was there before."""
    LEAVE = "leave"
    RETURN = "return"
    EXPIRE = "expire"
    """It did not come back within the grace time."""


class News(StrEnum):
    """What others are told of a session."""

    START = "start"
    HEARTBEAT = "heartbeat"
    END = "end"


TABLE = MappingProxyType(
    {
        (Phase.ARRIVING, Step.SETTLE): (Phase.PRESENT, News.START),
        (Phase.ARRIVING, Step.YIELD): (Phase.OVER, None),
        (Phase.ARRIVING, Step.LEAVE): (Phase.LOST, None),
        (Phase.LOST, Step.RETURN): (Phase.ARRIVING, None),
        (Phase.LOST, Step.EXPIRE): (Phase.OVER, None),
        (Phase.LOST, Step.YIELD): (Phase.OVER, None),
        (Phase.PRESENT, Step.YIELD): (Phase.OVER, News.END),
        (Phase.PRESENT, Step.LEAVE): (Phase.AWAY, None),
        (Phase.AWAY, Step.RETURN): (Phase.PRESENT, None),
        (Phase.AWAY, Step.EXPIRE): (Phase.OVER, News.END),
        (Phase.AWAY, Step.YIELD): (Phase.OVER, News.END),
    }
)


def after(phase: Phase, step: Step) -> tuple[Phase, News | None]:
    """Return the phase that follows, and what is told; LookupError for what cannot happen."""
    try:
        return TABLE[phase, step]
    except KeyError:
        raise LookupError(f"a session that is {phase} cannot {step}") from None
