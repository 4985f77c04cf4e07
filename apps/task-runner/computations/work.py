"""A computation as the work of a background task: publishes its steps, and stops when told to."""

import logging
import time
from typing import Protocol

from computations.computation import Arguments, Computation, Step, Value

log = logging.getLogger(__name__)


class Context(Protocol):
    """What this needs of whoever runs it."""

    @property
    def cancelled(self) -> bool: ...

    def publish(self, value: object) -> None: ...

    def progress(self, fraction: float, text: str = "") -> None: ...


def work(context: Context, computation: Computation, arguments: Arguments) -> Value | None:
    """Run a computation; return what it found, or had found when it was cancelled."""
    name = f"{computation.key} {' '.join(f'{key}={arguments[key]}' for key in arguments)}"
    log.info("%s has begun", name)
    begun = time.monotonic()
    step: Step | None = None
    for step in computation.steps(**arguments):
        context.publish(step.value)
        context.progress(step.fraction, step.text)
        if context.cancelled:
            break
    how = "was cancelled" if context.cancelled else "is done"
    log.info("%s %s after %.1f seconds", name, how, time.monotonic() - begun)
    return None if step is None else step.value
