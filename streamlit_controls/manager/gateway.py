"""Keeps the gateway's configuration what the snapshot says."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping

from streamlit_controls.core import drain_routes, routes, sleep_routes
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import GATEWAY
from streamlit_controls.manager.board import Board
from streamlit_controls.manager.http import request
from streamlit_controls.manager.reserve import Reserve
from streamlit_controls.manager.signposts import Signposts
from streamlit_controls.project import Project

LOAD_TIMEOUT = 10.0
RETRY_PAUSE = 0.5
"""Seconds for one load, and between two tries."""

PATIENCE = 2.0
"""Seconds that others wait for the gateway before they go on without it."""

FOLDERS: Mapping[str, Callable[[Snapshot], Mapping[str, str]]] = {
    "services": routes.services,
    "asleep": sleep_routes.asleep,
    "reattach": sleep_routes.reattach,
    # After the one before: what fails for the current instance, the site tells of.
    "current": routes.current,
    "draining": drain_routes.draining,
}
"""What the gateway finds in which folder, in the order in which it is written."""

log = logging.getLogger(__name__)


class Gateway:
    """Writes each new configuration to its file, with which the gateway starts, and loads it."""

    def __init__(self, project: Project, board: Board) -> None:
        self._file = project.run / "gateway.json"
        self._reserve = Reserve(project.run)
        self._socket = project.gateway_socket
        self._board = board
        self._made_of: object = None
        self._signposts = {name: Signposts(project.run / name, self._reserve) for name in FOLDERS}
        self._wanted = ""
        self._written = ""
        self._loaded: tuple[str, str] = ("", "")
        self._settled = asyncio.Event()

    def write(self, snapshot: Snapshot) -> None:
        """Make a snapshot's routes the ones with which the gateway starts, or which it loads.

        All is tried; raises the first OSError then. What is not written is tried again next time.
        """
        failures = [
            *(
                error
                for name, say in FOLDERS.items()
                for error in self._signposts[name].say(say(snapshot))
            ),
            *self._configure(snapshot),
        ]
        if self._is_settled(snapshot):
            self._settled.set()
        else:
            self._settled.clear()
        if failures:
            raise failures[0]

    def _configure(self, snapshot: Snapshot) -> Iterator[OSError]:
        """Write the configuration with which the gateway starts."""
        self._route(snapshot)
        if self._wanted != self._written:
            try:
                self._reserve.write(self._file, self._wanted, mode=0o600)
                self._written = self._wanted
            except OSError as error:
                yield error

    def _route(self, snapshot: Snapshot) -> None:
        """Make the configuration anew if anything has changed of what it is made of."""
        made_of = (snapshot.config, routes.own_ports(snapshot))
        if made_of != self._made_of:
            self._wanted = json.dumps(routes.gateway(snapshot))
            self._made_of = made_of

    async def settled(self) -> None:
        """Wait until the gateway works by the newest snapshot, or clearly cannot."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._settled.wait()

    async def run(self) -> None:
        """Load what is new, for ever."""
        async for snapshot in self._board.changes():
            while _instance(snapshot) and not self._is_settled(snapshot):
                wanted, instance = self._wanted, _instance(snapshot)
                try:
                    await self._load(wanted)
                    self._loaded = (instance, wanted)
                except (OSError, TimeoutError) as error:
                    said = error or "no answer in time"
                    log.warning("gateway: does not take its routes: %s", said)
                    await asyncio.sleep(RETRY_PAUSE)
                snapshot = self._board.snapshot
            self._settled.set()

    def _is_settled(self, snapshot: Snapshot) -> bool:
        return self._loaded == (_instance(snapshot), self._wanted)

    async def _load(self, configuration: str) -> None:
        """Load a configuration; one that is refused leaves the last one in force."""
        answer = await request(
            self._socket,
            "/load",
            method="POST",
            body=configuration.encode(),
            timeout=LOAD_TIMEOUT,
        )
        if answer.status != 200:
            log.error("gateway: refuses its routes: %s", answer.body)


def _instance(snapshot: Snapshot) -> str:
    """Return the id of the gateway that serves now, or nothing."""
    return next(
        (
            replica.instance.id
            for replica in snapshot.of(GATEWAY)
            if replica.state is State.RUNNING and replica.instance
        ),
        "",
    )
