"""The rows of the table: what is measured, and what the product promises of it."""

from dataclasses import dataclass
from enum import Enum


class Unit(Enum):
    """What a figure counts, by how it is shown: name and decimals."""

    SECONDS = ("s", 3)
    MILLISECONDS = ("ms", 2)
    MEGABYTES = ("MB", 2)
    PROCESSES = ("", 0)
    REQUESTS = ("/s", 0)
    PERCENT = ("%", 2)

    def show(self, value: float) -> str:
        """Return the figure for people."""
        name, decimals = self.value
        return f"{value:,.{decimals}f} {name}".strip()


@dataclass(frozen=True)
class Target:
    """What a figure has to be: a bound of the ratio to plain, or of the figure itself."""

    bound: float
    of_ratio: bool = True
    at_least: bool = False

    def met(self, value: float, ratio: float | None) -> bool | None:
        """Tell whether the bound is kept; none where there is no ratio to judge."""
        judged = ratio if self.of_ratio else value
        if judged is None:
            return None
        return judged >= self.bound if self.at_least else judged <= self.bound

    def show(self, unit: Unit) -> str:
        """Return the bound for people."""
        sign = "≥" if self.at_least else "≤"
        return (
            f"{sign} {self.bound:g}x" if self.of_ratio else f"{sign} {self.bound:g} {unit.value[0]}"
        )


@dataclass(frozen=True)
class Row:
    """One thing that is measured of each contender."""

    key: str
    measure: str
    """The measure that fills it, by its name for --only."""
    title: str
    unit: Unit
    target: Target | None = None


ROWS = (
    Row(
        "wake-slider",
        "wake",
        "sleeping slider app: request to first render",
        Unit.SECONDS,
        Target(0.12),
    ),
    Row(
        "wake-pandas",
        "wake",
        "sleeping pandas app: request to first render",
        Unit.SECONDS,
        Target(0.10),
    ),
    Row("cold-slider", "cold", "slider app: everything started, to first render", Unit.SECONDS),
    Row("cold-pandas", "cold", "pandas app: everything started, to first render", Unit.SECONDS),
    Row("rerun-slider", "rerun", "rerun, slider app", Unit.MILLISECONDS, Target(0.12)),
    Row("rerun-pandas", "rerun", "rerun, pandas app", Unit.MILLISECONDS, Target(0.5)),
    Row("active", "memory", "memory of 10 active pandas apps", Unit.MEGABYTES, Target(0.5)),
    Row("asleep", "sleeping", "memory with 200 sleeping apps", Unit.MEGABYTES),
    Row(
        "asleep-each",
        "sleeping",
        "memory of one more sleeping app",
        Unit.MEGABYTES,
        Target(1, of_ratio=False),
    ),
    Row("asleep-processes", "sleeping", "processes with 200 sleeping apps", Unit.PROCESSES),
    Row(
        "asleep-processes-more",
        "sleeping",
        "of these, for the 190 after the first 10",
        Unit.PROCESSES,
        Target(0, of_ratio=False),
    ),
    Row(
        "bytes-first",
        "browser",
        "browser, first app: bytes over the wire",
        Unit.MEGABYTES,
        Target(0.35),
    ),
    Row(
        "bytes-second",
        "browser",
        "browser, second app: bytes over the wire",
        Unit.MEGABYTES,
        Target(0.01),
    ),
    Row("time-first", "browser", "browser, first app: time to rendered page", Unit.SECONDS),
    Row("time-second", "browser", "browser, second app: time to rendered page", Unit.SECONDS),
    Row(
        "static",
        "static",
        "requests for one front-end script file",
        Unit.REQUESTS,
        Target(20, at_least=True),
    ),
    Row(
        "gateway-rerun",
        "gateway",
        "added by the gateway to a rerun",
        Unit.MILLISECONDS,
        Target(1, of_ratio=False),
    ),
    Row("gateway-health", "gateway", "added by the gateway to a small request", Unit.MILLISECONDS),
    Row(
        "rest",
        "rest",
        "processor at rest, 200 sleeping apps, of one core",
        Unit.PERCENT,
        Target(1, of_ratio=False),
    ),
    Row("status-10", "status", "`status` with 10 apps", Unit.SECONDS),
    Row("status-200", "status", "`status` with 200 apps", Unit.SECONDS),
)
MEASURES = tuple(dict.fromkeys(row.measure for row in ROWS))
