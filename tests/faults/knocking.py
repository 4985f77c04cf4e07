"""Asks the manager's control port again and again, and counts who was turned away, and how."""

import itertools
import json
import socket
import threading
import time
from types import TracebackType
from typing import Self

from streamlit_controls.core import protocol
from tests.faults.waiting import PATIENCE
from tests.journeys.project import SampleProject

PAUSE = 0.005
"""Seconds between two questions: without any, those who are watched would do little else."""


class Knocking(threading.Thread):
    """Asks for the status from its entry to its exit, on a connection of its own each time."""

    def __init__(self, project: SampleProject) -> None:
        super().__init__()
        token = (project.root / ".state/run/token").read_text().strip()
        self._line = protocol.encode(protocol.request(token, "status", {}))
        self._port = project.port + 1
        self._done = threading.Event()
        self.answers: list[tuple[float, int]] = []
        """When each answer came, on the clock of `time.monotonic`, and which manager gave it."""
        self.refused: list[str] = []
        """Connections that could not be made."""
        self.cut: list[str] = []
        """Connections that were closed before they were answered."""

    def run(self) -> None:
        while not self._done.wait(PAUSE):
            try:
                connection = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
            except OSError as error:
                self.refused.append(repr(error))
                continue
            with connection:
                try:
                    self.answers.append((time.monotonic(), self._ask(connection)))
                except (OSError, ValueError) as error:
                    self.cut.append(repr(error))

    def by_another_than(self, manager: int) -> bool:
        """Tell whether the last answer was by another manager than this."""
        return bool(self.answers) and self.answers[-1][1] != manager

    def away(self) -> float:
        """Return the longest time, in seconds, for which nobody answered."""
        times = [at for at, _ in self.answers]
        return max(after - before for before, after in itertools.pairwise(times))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self.join(2 * PATIENCE)

    def _ask(self, connection: socket.socket) -> int:
        connection.sendall(self._line)
        with connection.makefile("rb") as lines:
            reply = json.loads(lines.readline())
        return int(reply["result"]["manager"]["pid"])
