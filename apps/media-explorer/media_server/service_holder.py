"""The media service that answers now, and its replacement by one of a changed configuration."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from media_service import MediaService


@dataclass(frozen=True)
class LoadedService:
    """A service, and when the configuration that it answers for was read."""

    service: MediaService
    loaded_at: datetime


def _now() -> datetime:
    return datetime.now(tz=UTC)


class ServiceHolder:
    """Holds exactly one service. Who has taken it finishes with it, whatever is loaded meanwhile.

    `load` may raise a MediaConfigError: at first nothing is held then, later the one before is.
    """

    def __init__(
        self, load: Callable[[], MediaService], clock: Callable[[], datetime] = _now
    ) -> None:
        self._load = load
        self._clock = clock
        self._loading = threading.Lock()
        self._loaded = self._fresh()

    @property
    def loaded(self) -> LoadedService:
        return self._loaded

    @property
    def service(self) -> MediaService:
        return self._loaded.service

    def reload(self) -> LoadedService:
        """Read the configuration anew; one after the other, so that the last one read stays."""
        with self._loading:
            self._loaded = self._fresh()
            return self._loaded

    def _fresh(self) -> LoadedService:
        read_at = self._clock()
        return LoadedService(self._load(), read_at)
