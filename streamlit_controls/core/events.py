"""What happens outside and comes to the reconciler, on one queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Prepared:
    """A replica's environment is there: the interpreter, and the script to run."""

    replica: int
    python: Path
    script: str


@dataclass(frozen=True)
class Refused:
    """A replica cannot work as it is."""

    replica: int
    reason: str


@dataclass(frozen=True)
class Ready:
    """An instance answers; `script_error` says why its script fails, if it does."""

    replica: int
    instance: str
    script_error: str | None = None


@dataclass(frozen=True)
class Unhealthy:
    """An instance does not answer its health checks any more."""

    replica: int
    instance: str
    reason: str


@dataclass(frozen=True)
class Exited:
    """An instance's process has ended."""

    replica: int
    instance: str
    reason: str


@dataclass(frozen=True)
class Reported:
    """An instance told how it is doing."""

    replica: int
    instance: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Weighed:
    """An instance uses so many bytes of memory, more than its limit."""

    replica: int
    instance: str
    used: int


@dataclass(frozen=True)
class Woken:
    """Somebody knocks at the socket of a replica that sleeps."""

    replica: int


@dataclass(frozen=True)
class Pressed:
    """The machine's memory is short."""


@dataclass(frozen=True)
class Wished:
    """The operator's wishes, or the configuration, have changed."""


Happening = (
    Prepared | Refused | Ready | Unhealthy | Exited | Reported | Weighed | Woken | Pressed | Wished
)
