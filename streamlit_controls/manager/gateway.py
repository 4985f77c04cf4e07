"""Keeps the gateway's configuration what the snapshot says."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping

from streamlit_controls.core import routes, sleep_routes
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import GATEWAY
from streamlit_controls.manager.board import Board
from streamlit_controls.manager.http import request
from streamlit_controls.project import Project, write_atomically

LOAD_TIMEOUT = 10.0
RETRY_PAUSE = 0.5
"""Seconds for one load, and between two tries."""

PATIENCE = 2.0
"""Seconds that others wait for the gateway before they go on without it."""

log = logging.getLogger(__name__)


class Gateway:
    """Writes each new configuration to its file, with which the gateway starts, and loads it."""

    def __init__(self, project: Project, board: Board) -> None:
        self._file = project.run / "gateway.json"
        self._run = project.run
        self._socket = project.gateway_socket
        self._board = board
        self._made_of: object = None
        self._pointed: dict[str, Mapping[str, str]] = {}
        """What stands in the files of each folder; nobody else writes there."""
        self._wanted = ""
        self._written = ""
        self._loaded: tuple[str, str] = ("", "")
        self._settled = asyncio.Event()

    def write(self, snapshot: Snapshot) -> None:
        """Make a snapshot's routes the ones with which the gateway starts, or which it loads."""
        # The current instance last: what fails for it is told by the site, not tried elsewhere.
        self._point("asleep", sleep_routes.asleep(snapshot))
        self._point("reattach", sleep_routes.reattach(snapshot))
        self._point("current", routes.current(snapshot))
        self._route(snapshot)
        if self._wanted != self._written:
            write_atomically(self._file, self._wanted, mode=0o600, lasting=False)
            self._written = self._wanted
        if self._is_settled(snapshot):
            self._settled.set()
        else:
            self._settled.clear()

    def _route(self, snapshot: Snapshot) -> None:
        """Make the configuration anew if anything has changed of what it is made of."""
        made_of = (snapshot.config, routes.own_ports(snapshot))
        if made_of != self._made_of:
            self._wanted = json.dumps(routes.gateway(snapshot))
            self._made_of = made_of

    def _point(self, folder: str, wanted: Mapping[str, str]) -> None:
        """Name an instance for each app in a folder's files; the gateway reads them there."""
        files = self._run / folder
        files.mkdir(parents=True, exist_ok=True)
        known = self._pointed.get(folder)
        if known is None:
            known = {path.name: path.read_text() for path in files.iterdir()}
        for key, instance in wanted.items():
            if known.get(key) != instance:
                write_atomically(files / key, instance, lasting=False)
        for key in known.keys() - wanted.keys():
            (files / key).unlink(missing_ok=True)
        self._pointed[folder] = dict(wanted)

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
