"""One finding of `doctor`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from streamlit_controls.core.errors import ControllerError

Subject = TypeVar("Subject")
"""What is looked at: the project, or what runs of it."""


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """How one thing is, and what to do about it."""

    name: str
    verdict: Verdict
    message: str
    hint: str = ""


Look = Callable[[Subject], Iterable[Check]]


def ok(name: str, message: str) -> Check:
    return Check(name, Verdict.OK, message)


def warn(name: str, message: str, hint: str) -> Check:
    return Check(name, Verdict.WARN, message, hint)


def fail(name: str, message: str, hint: str) -> Check:
    return Check(name, Verdict.FAIL, message, hint)


def run(looks: Iterable[Look[Subject]], subject: Subject) -> Iterator[Check]:
    """Yield the findings of each look; one that breaks is a finding too, and the others go on."""
    for look in looks:
        name = look.__name__.replace("_", " ")
        try:
            yield from look(subject)
        except ControllerError as error:
            yield fail(name, error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - doctor works when all is broken
            yield fail(name, f"cannot be checked: {type(error).__name__}: {error}", "")
