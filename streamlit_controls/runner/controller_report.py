"""Tells the manager, on a pipe, how the process is doing."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import Any

DELAY = 0.1
"""Seconds for which changes are gathered before they are told."""

HEARTBEAT = 15.0
"""Seconds after which all is told again, changed or not."""


class Report:
    """The state of this process as the manager sees it; each line on the pipe is all of it.

    A line that finds the pipe full, or nobody at its end, is dropped: the next one says it all.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        os.set_inheritable(descriptor, False)
        self._descriptor = descriptor
        self.values: dict[str, Any] = {}
        """What there is to tell."""
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._due = 0.0
        self._silent = False
        self.told: dict[str, Any] = {}
        """What was told last."""
        self.crowd_told_at = float("-inf")
        """When another number of sessions was told: whoever hears it may be busy just then."""
        threading.Thread(target=self._repeat, daemon=True).start()

    def update(self, delay: float = DELAY, **values: Any) -> None:
        """Change values; they are told within `delay` seconds, all at once."""
        with self._lock:
            self.values.update(values)
            due = time.monotonic() + delay
            if self._timer is not None and self._due <= due:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._due = due
            self._timer = threading.Timer(delay, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def _repeat(self) -> None:
        """Tell again and again: a manager that took over knows nothing of what was told before."""
        while True:
            time.sleep(HEARTBEAT)
            self.flush()

    def flush(self) -> None:
        """Tell all values now."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._silent:
                return
            values = dict(self.values)
            try:
                os.write(self._descriptor, json.dumps(values).encode() + b"\n")
                if values.get("sessions") != self.told.get("sessions"):
                    self.crowd_told_at = time.monotonic()
                self.told = values
            except OSError:
                pass

    def silence(self) -> None:
        """Tell nothing more: what happens from now on belongs to the process's end.

        Signal handlers call it, so it takes no lock.
        """
        self._silent = True


def forget_own_folder() -> None:
    """Take this folder off the import path, so that the app's modules are what the app finds."""
    import sys

    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
