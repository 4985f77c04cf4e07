"""The Unix sockets by which a service's processes are asked, each by itself, how they are."""

import logging
import os
import socket
from collections.abc import Collection
from pathlib import Path

BACKLOG = 16

log = logging.getLogger(__name__)


class Probes:
    """Listens on `probes/<instance>` on behalf of a process, which alone keeps the socket.

    Several processes may share a port; whoever connects there cannot tell which of them answers.
    """

    def __init__(self, run: Path) -> None:
        # Relative, as a Unix socket's path has 107 bytes at the most.
        self._folder = Path(os.path.relpath(run)) / "probes"

    def open(self, instance: str) -> socket.socket | None:
        """Return the socket of a new instance; None where there can be none: it does without."""
        probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            probe.bind(str(self._folder / instance))
            probe.listen(BACKLOG)
        except OSError as error:
            probe.close()
            log.warning("%s: is asked at its port, which others may share: %s", instance, error)
            return None
        probe.setblocking(False)
        return probe

    def path(self, instance: str) -> Path | None:
        """Return where an instance is asked, or None where it has no socket of its own."""
        path = self._folder / instance
        return path if can_be_asked(path) else None

    def forget(self, instance: str) -> None:
        """Take away the name of an instance's socket."""
        try:
            (self._folder / instance).unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s stays: %s", self._folder / instance, error)

    def keep_only(self, instances: Collection[str]) -> None:
        """Take away all names but these: left by a manager that was killed."""
        try:
            left = {path.name for path in self._folder.iterdir()} - set(instances)
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("what %s has of earlier processes stays: %s", self._folder, error)
            return
        for instance in left:
            self.forget(instance)


def can_be_asked(probe: Path) -> bool:
    """Tell whether a socket's name is, still, where this process can connect to it."""
    return os.access(probe, os.W_OK)
