"""Is there a manager that answers, and does what it runs work."""

from collections.abc import Iterator
from typing import Any

from streamlit_controls.controller.checks.check import Check, fail, ok, warn
from streamlit_controls.controller.checks.running import Running, Status
from streamlit_controls.controller.output import count
from streamlit_controls.controller.silence import explained
from streamlit_controls.core.errors import ControllerError, ManagerNotRunning

DOWN = {"failed", "backoff"}
"""States of what does not answer and should."""

RETRY = "mend its files, then it is tried again by itself"


def manager(running: Running) -> Iterator[Check]:
    answer = running.answer
    if not isinstance(answer, ControllerError):
        yield ok("manager", f"answers in {answer[1] * 1000:.0f} ms")
        return
    if isinstance(answer, ManagerNotRunning):
        told = explained(answer, running.project, running.family)
        if told is answer:
            yield warn("manager", told.message, told.hint)
            return
        answer = told
    yield fail("manager", answer.message, answer.hint)


def apps(running: Running) -> Iterator[Check]:
    if running.status is None:
        return
    found = list(_unwell(running.status))
    yield from found
    if not found:
        yield ok("apps", f"{count(len(running.status['apps']), 'app')}, none of which has failed")


def _unwell(status: Status) -> Iterator[Check]:
    own = status["manager"]
    for name, unit in (("gateway", own["gateway"]), ("website", own["site"])):
        yield from _unit(name, unit, f"see ./streamlit_controller logs {name}")
    for key, app in status["apps"].items():
        see = f"./streamlit_controller logs {key}"
        yield from _unit(f"app {key}", app, f"{see} has all of it; {RETRY}")
        for name, service in app["services"].items():
            hint = f"{see} --service {name} has all of it; {RETRY}"
            yield from _unit(f"app {key}/{name}", service, hint)


def _unit(name: str, unit: dict[str, Any], hint: str) -> Iterator[Check]:
    state, error = unit["state"], unit["error"]
    if state in DOWN:
        said = "has failed" if state == "failed" else "has crashed and is about to be tried again"
        yield fail(name, f"{said}: {error}" if error else said, hint)
    elif error:
        yield fail(name, f"is {state}, but not well: {error}", hint)
