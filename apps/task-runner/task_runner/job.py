"""One computation that somebody asked for, with its arguments."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from computations.catalogue import COMPUTATIONS
from computations.computation import Argument, Arguments, Choice, Computation

_ID = re.compile(r"(?P<number>\d+)-(?P<key>\w+)\?(?P<arguments>.*)")


@dataclass(frozen=True)
class Job:
    """What is computed, and which of a visitor's jobs it is.

    All of this is in its id, such as `3-primes?millions=1000`: nothing else has to be kept beside
    the task for a tab that comes back after a reload.
    """

    number: int
    computation: Computation
    arguments: Arguments

    @property
    def id(self) -> str:
        return f"{self.number}-{self.computation.key}?{urlencode(self.arguments)}"

    @classmethod
    def from_id(cls, task_id: str) -> "Job":
        """Return the job that has this id."""
        match = _ID.fullmatch(task_id)
        if match is None:
            raise ValueError(f"{task_id!r} is no job's id")
        computation = COMPUTATIONS[match["key"]]
        words = {each.name for each in computation.parameters if isinstance(each, Choice)}
        arguments: dict[str, Argument] = {
            name: value if name in words else int(value)
            for name, value in parse_qsl(match["arguments"])
        }
        return cls(int(match["number"]), computation, computation.checked(arguments))

    @property
    def wording(self) -> str:
        """Return the arguments for people."""
        parameters = self.computation.parameters
        return " · ".join(each.said(self.arguments[each.name]) for each in parameters)
