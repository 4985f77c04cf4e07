"""One finding of `doctor`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from streamlit_controls.core.errors import ControllerError
from streamlit_controls.project import Project


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


Look = Callable[[Project], Iterable[Check]]


def ok(name: str, message: str) -> Check:
    return Check(name, Verdict.OK, message)


def warn(name: str, message: str, hint: str) -> Check:
    return Check(name, Verdict.WARN, message, hint)


def fail(name: str, message: str, hint: str) -> Check:
    return Check(name, Verdict.FAIL, message, hint)


def run(looks: Iterable[Look], project: Project) -> Iterator[Check]:
    """Yield the findings of each look; one that breaks is a finding too, and the others go on."""
    for look in looks:
        name = look.__name__.replace("_", " ")
        try:
            yield from look(project)
        except ControllerError as error:
            yield fail(name, error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - doctor works when all is broken
            yield fail(name, f"cannot be checked: {type(error).__name__}: {error}", "")
