"""The last status document of the manager, kept up to date by a thread."""

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

from streamlit_controls.client import Client
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.project import Project

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0

Watch = Callable[[], Iterator[dict[str, Any]]]

log = logging.getLogger(__name__)


class Snapshots:
    """Watches the manager, connects again when it is gone, and keeps what it said last."""

    def __init__(self, watch: Watch, *, wait: Callable[[float], bool] | None = None) -> None:
        self._watch = watch
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._last: dict[str, Any] | None = None
        self._heard = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)

    @classmethod
    def of_project(cls, project: Project) -> Self:
        """Watch the manager of a project; each connection reads its address and token anew."""
        return cls(lambda: Client.for_project(project).watch())

    def current(self) -> dict[str, Any] | None:
        """Return the last snapshot; none before the first."""
        return self._last

    def start(self) -> None:
        self._thread.start()

    def wait_for_first(self, seconds: float) -> bool:
        """Wait until there is a snapshot, for so long at the most; return whether there is."""
        return self._heard.wait(seconds)

    def stop(self, timeout: float = 2.0) -> bool:
        """Ask the thread to end; it does so at its next snapshot or at the connection's end."""
        self._stopped.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopped.is_set():
            reason = "the manager closed the connection"
            try:
                for snapshot in self._watch():
                    if self._stopped.is_set():
                        return
                    self._last = snapshot
                    self._heard.set()
                    pause = FIRST_PAUSE
            except (ControllerError, OSError) as error:
                reason = str(error)
            if pause == FIRST_PAUSE:
                log.info("no snapshots: %s", reason)
            self._wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
