"""What a computation is: something with parameters that tells, step by step, what it has found."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

Argument = int | str
Arguments = Mapping[str, Argument]


class Value(Protocol):
    """What was found so far. It is never changed, so that any thread may look at it."""

    @property
    def headline(self) -> str:
        """Return the result in a word."""

    @property
    def facts(self) -> dict[str, str]:
        """Return what else is worth knowing, by a name for people."""

    def to_json(self) -> dict[str, object]:
        """Return all of it that programs may want and that is not a picture."""


@dataclass(frozen=True)
class Step:
    """One of the steps: how much is done, from 0 to 1, what goes on, and what was found."""

    fraction: float
    text: str
    value: Value


@dataclass(frozen=True)
class Number:
    """A parameter that is a whole number; `marks` are the values that are offered to people.

    `wording` has a place for the value, and says what it means.
    """

    name: str
    label: str
    marks: tuple[int, ...]
    default: int
    wording: str
    help: str = ""

    @property
    def low(self) -> int:
        return self.marks[0]

    @property
    def high(self) -> int:
        return self.marks[-1]

    def accepts(self, value: Argument) -> bool:
        return type(value) is int and self.low <= value <= self.high

    def said(self, value: Argument) -> str:
        """Return a value for people."""
        return self.wording.format(value)


@dataclass(frozen=True)
class Choice:
    """A parameter that is one of a few words."""

    name: str
    label: str
    options: tuple[str, ...]
    help: str = ""

    @property
    def default(self) -> str:
        return self.options[0]

    def accepts(self, value: Argument) -> bool:
        return value in self.options

    def said(self, value: Argument) -> str:
        """Return a value for people."""
        return str(value)


Parameter = Number | Choice

SEED = Number(
    "seed", "Seed", tuple(range(1, 1000)), 1, "seed {}", "The same seed gives the same result."
)


@dataclass(frozen=True)
class Computation:
    """One kind of computation; `steps` takes the parameters by their names.

    The same arguments give the same steps, each of which takes well below a second. Whoever wants
    it to stop asks for no further one.
    """

    key: str
    title: str
    summary: str
    icon: str
    parameters: tuple[Parameter, ...]
    steps: Callable[..., Iterator[Step]]

    def checked(self, arguments: Arguments) -> dict[str, Argument]:
        """Return the arguments with the defaults of those that are missing.

        Raises ValueError where there is another one, or a value that a parameter does not take.
        """
        known = {each.name: each for each in self.parameters}
        for name, value in arguments.items():
            if name not in known or not known[name].accepts(value):
                raise ValueError(f"{self.key} does not take {name}={value!r}")
        return {name: arguments.get(name, each.default) for name, each in known.items()}
