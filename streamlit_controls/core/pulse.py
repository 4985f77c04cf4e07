"""Whether what does not answer its health checks hangs, or is only busy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

IDLE, BUSY, UNWELL = 7.0, 120.0, 30.0
"""Seconds for which an instance may be silent and do nothing; be silent and busy; answer badly."""

QUIET = 5.0
"""Seconds for which it must have been seen to do nothing."""

GAP = 4.0
"""Seconds between two looks that are too many: who looks was kept from it, and from hearing."""

SHARE = 0.05
"""The part of a processor below which a process does nothing: timers of its own are no work."""

STOPPED = "T"
WORKING = frozenset({"R", "D", "t"})
"""States of a process that has, or waits for, a processor or a disk, or that a debugger holds."""


@dataclass(frozen=True)
class Doing:
    """What the processes of an instance did at one moment."""

    states: frozenset[str]
    """The states of all of them, as /proc tells them: one letter each."""
    used: Mapping[int, float]
    """Seconds of processor time so far, by pid."""

    def works_since(self, before: "Doing", seconds: float) -> bool:
        """Tell whether they work, or have worked since they were seen `seconds` ago."""
        if self.states & WORKING or self.used.keys() != before.used.keys():
            return True
        return sum(self.used.values()) - sum(before.used.values()) >= SHARE * seconds


@dataclass(frozen=True)
class Look:
    """What was seen of an instance at one moment after it was asked and said nothing good."""

    at: float
    """Seconds, on a clock that stands still while the machine sleeps."""
    doing: Doing
    complaint: str | None = None
    """What it answers, or does to whoever asks, in words; None where it is silent."""
    like_most: bool = False
    """Whether most others are silent as well: the machine's fault, then, or the network's."""


@dataclass(frozen=True)
class Pulse:
    """All that was seen since an instance last answered well, as far as it still counts."""

    asked_at: float
    """When it was asked the question that it has not answered well yet."""
    last: Look | None = None
    quiet_since: float = 0.0
    """Since when it was seen to do nothing."""

    def after(self, look: Look) -> "Pulse":
        """Return the pulse after another look."""
        before = self.last
        if look.at - (before.at if before else self.asked_at) > GAP:
            return Pulse(look.at, look, look.at)
        if before is None or look.like_most:
            return replace(self, last=look, quiet_since=look.at)
        works = look.doing.works_since(before.doing, look.at - before.at)
        return replace(self, last=look, quiet_since=look.at if works else self.quiet_since)

    def verdict(self, blocked: str) -> str | None:
        """Return why it is not well, or None as long as nobody can say so.

        `blocked` says what it means for such an instance to be silent and do nothing.
        """
        if self.last is None:
            return None
        passed = self.last.at - self.asked_at
        if self.last.complaint is not None:
            return f"{self.last.complaint} for {passed:.0f} s" if passed >= UNWELL else None
        silent = f"did not answer for {passed:.0f} s"
        if passed >= IDLE and self.last.at - self.quiet_since >= QUIET:
            stopped = STOPPED in self.last.doing.states
            return f"{silent}: {'it is stopped (SIGSTOP)' if stopped else blocked}"
        if passed < BUSY:
            return None
        return f"{silent}, {'like most others' if self.last.like_most else 'although it was busy'}"
