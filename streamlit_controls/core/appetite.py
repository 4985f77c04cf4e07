"""What is done about an instance that uses more memory than its limit."""

from collections.abc import Iterable
from enum import Enum, auto

from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Replica

HARD = 1.5
"""How many times the limit is too much to wait for anything."""

YOUNG = 60.0
"""Seconds of life before which it is not replaced: the next one would need as much."""


class Verdict(Enum):
    """What becomes of it."""

    STAYS = auto()
    REPLACED = auto()
    KILLED = auto()


def verdict(
    replica: Replica, others: Iterable[Replica], *, used: int, limit: int, now: float
) -> Verdict:
    """Return what to do with a replica whose process uses `used` bytes; `others` are its unit's.

    One at a time is replaced: another beside one that drains would make it worse. `now` is in
    seconds since boot, as births are.
    """
    if used > HARD * limit:
        return Verdict.KILLED
    if used <= limit or replica.state is not State.RUNNING or replica.worn is not None:
        return Verdict.STAYS
    young = replica.instance is None or now - replica.instance.birth < YOUNG
    if young or any(each.worn is not None for each in others):
        return Verdict.STAYS
    return Verdict.REPLACED


def reason(used: int, limit: int) -> str:
    """Return in words why it was replaced, or killed."""
    return f"used {_shown(used)} of memory; its limit is {_shown(limit)}"


def _shown(size: int) -> str:
    return f"{size / 1024**3:.1f} GB" if size >= 1024**3 else f"{size / 1024**2:.0f} MB"
