"""What load on a site has seen: how much there was, and what of it was lost."""

from dataclasses import dataclass

from tests.faults.tab import Break


@dataclass(frozen=True)
class Failure:
    """A request that got no answer, or another than 200."""

    path: str
    began: float
    """When it was sent, on the clock of `time.monotonic`."""
    took: float
    why: str
    cut_off: bool = False
    """Whether a part of its answer had come."""


@dataclass(frozen=True)
class Report:
    """What the load has seen so far."""

    requests: int
    failed: tuple[Failure, ...]
    under_way: int
    """Requests that were not answered yet."""
    slowest: float
    slowest_path: str
    """Seconds of the longest request that was answered, and what it asked for."""
    tabs: int
    runs: int
    slowest_run: float
    breaks: tuple[Break, ...]
    """Connections of tabs that were closed by the other side."""
    wrong: tuple[str, ...]
    """Tabs that never came back, or showed what they should not."""

    @property
    def resumed(self) -> tuple[Break, ...]:
        """Breaks after which a tab found its session again."""
        return tuple(each for each in self.breaks if each.resumed)

    @property
    def lost(self) -> tuple[Break, ...]:
        """Breaks after which a tab had to go on with a new session, or not at all."""
        return tuple(each for each in self.breaks if not each.resumed)
