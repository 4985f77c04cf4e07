"""The manager's wiring: makes its parts, connects them, and runs them until the end."""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

from streamlit_controls import __version__
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.core.events import Pressed
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.manager import leftovers, memory, scales
from streamlit_controls.manager.board import Board
from streamlit_controls.manager.commands import Commands
from streamlit_controls.manager.control import ControlServer
from streamlit_controls.manager.desired import Desired
from streamlit_controls.manager.engine import LocalEngine
from streamlit_controls.manager.front import Front
from streamlit_controls.manager.gateway import Gateway
from streamlit_controls.manager.link import KeeperLink
from streamlit_controls.manager.listeners import Listeners
from streamlit_controls.manager.metrics import Metrics
from streamlit_controls.manager.preparation import Preparation
from streamlit_controls.manager.process import since_boot
from streamlit_controls.manager.reconciler import Reconciler
from streamlit_controls.manager.store import Store
from streamlit_controls.manager.upkeep import Upkeep
from streamlit_controls.manager.upstreams import Upstreams
from streamlit_controls.manager.zygotes import Zygotes
from streamlit_controls.project import Project

LAST_WORDS = 0.05
"""Seconds in which those who asked for the end hear that it has come."""

log = logging.getLogger(__name__)


class Daemon:
    """One manager, from its first look at the configuration to its last process's end."""

    def __init__(self, project: Project, link: KeeperLink) -> None:
        self._project = project
        self._link = link
        self._store = Store(project.state_file)
        memory = self._store.load()
        self._listeners = Listeners(link)
        self._desired = Desired(project, memory, self._listeners.open)
        self._upstreams = Upstreams(project.run, link)
        # First of all: whoever has this port already is the manager, or in its place.
        self._control_socket = self._listeners.open(self._desired.config.manager_port)
        self._board = Board(Snapshot(self._desired.config, {}, ()))
        self._gateway = Gateway(project, self._board)
        self._zygotes = Zygotes(project, lambda: self._desired.config)
        preparation = Preparation(project)
        self._front = Front(project, preparation)
        self._engine = LocalEngine(
            project,
            link,
            self._listeners,
            self._upstreams,
            preparation,
            self._zygotes,
            self._front,
            lambda event: self._reconciler.post(event),
            self._gateway.settled,
        )
        self._reconciler = Reconciler(self._engine, self._publish, since_boot)
        self._metrics = Metrics()
        self._started_at = time.time()
        self._booted_at = self._started_at - since_boot()
        self._ended = asyncio.Event()
        self._ending: asyncio.Task[int] | None = None
        self._memory = memory
        token = self._make_token()
        self._upkeep = Upkeep(project, token, self._desired.config.manager_port)
        self._control = ControlServer(
            token,
            Commands(
                self._desired,
                self._board,
                wished=self._wished,
                routed=self._gateway.settled,
                shut_down=self._shut_down,
                about=self._about,
                measure=self._metrics,
            ),
        )

    async def run(self, ready: int | None) -> None:
        """Run until told to end; `ready` is a descriptor to which one line goes at the start."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._shut_down)
        self._wished()
        if self._memory is not None:
            self._reconciler.restore(self._memory.replicas)
        self._upstreams.keep_only({replica.port for replica in self._reconciler.replicas})
        self._front.keep_only({replica.address for replica in self._reconciler.replicas})
        self._publish()
        await self._control.start(self._control_socket)
        self._upkeep.introduce()
        self._link.watch(self._stored)
        self._link.ready()
        if ready is not None:
            os.write(ready, b'{"ok": true}\n')
            os.close(ready)
        log.info("manager %s runs as pid %s", __version__, os.getpid())
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._reconciler.run()),
                tasks.create_task(self._gateway.run()),
                tasks.create_task(self._upkeep.run()),
                tasks.create_task(self._zygotes.run()),
                tasks.create_task(memory.watch(lambda: self._reconciler.post(Pressed()))),
                tasks.create_task(
                    scales.watch(
                        lambda: self._reconciler.replicas,
                        lambda: self._desired.units,
                        self._reconciler.post,
                    )
                ),
            ]
            await self._ended.wait()
            for task in running:
                task.cancel()
        await self._control.close()
        self._store.clear()
        self._upkeep.leave()
        log.info("manager ends")
        self._link.leave()

    def _stored(self) -> Mapping[str, int]:
        """Return every descriptor of which the keeper should have a copy, by name."""
        return {
            **self._listeners.stored(),
            **self._upstreams.stored(),
            **self._engine.stored(),
        }

    def _wished(self) -> None:
        self._reconciler.wish(self._desired.units, self._desired.wishes())

    def _publish(self) -> None:
        snapshot = Snapshot(
            config=self._desired.config,
            wishes=self._reconciler.wishes,
            replicas=self._reconciler.replicas,
            problems=self._desired.problems,
            logs=self._logs_of_failed(),
            ends=self._reconciler.ends,
            booted_at=self._booted_at,
        )
        if not self._board.publish(snapshot):
            return
        try:
            self._gateway.write(snapshot)
            self._store.save(replace(self._desired.memory(), replicas=snapshot.replicas))
        except OSError as error:
            log.error("what runs cannot be written down: %s", error)  # no reason to stop it
        self._metrics.forget({each.instance.pid for each in snapshot.replicas if each.instance})

    def _logs_of_failed(self) -> Mapping[str, tuple[str, ...]]:
        """Return the last log lines of failed units, as they were when they failed."""
        known = self._board.snapshot.logs or {}
        failed = {each.unit for each in self._reconciler.replicas if each.state is State.FAILED}
        return {
            name: known.get(name) or self._engine.log_tail(self._desired.units[name])
            for name in failed
            if name in self._desired.units
        }

    def _shut_down(self) -> Awaitable[int]:
        """Begin to end, once; return what tells how many processes there were.

        Whoever asked may go away meanwhile: what is begun is finished.
        """
        if self._ending is None:
            self._ending = asyncio.create_task(self._end_everything())
        return asyncio.shield(self._ending)

    async def _end_everything(self) -> int:
        count = len([each for each in self._reconciler.replicas if each.instance])
        self._desired.leave()
        self._wished()
        await self._board.until(lambda snapshot: not snapshot.replicas)
        await self._zygotes.close()
        leftovers.end_all()
        asyncio.get_running_loop().call_later(LAST_WORDS, self._ended.set)
        return count

    def _about(self, measured: bool) -> Mapping[str, Any]:
        usage = self._metrics(os.getpid()) if measured else None
        return {
            "version": __version__,
            "pid": os.getpid(),
            "started_at": round(self._started_at, 3),
            "leaving": self._desired.leaving,
            "rss_bytes": usage.rss_bytes if usage else None,
            "cpu_percent": usage.cpu_percent if usage else None,
        }

    def _make_token(self) -> str:
        """Return the token; a successor goes on with the same, so that nobody is logged out."""
        with contextlib.suppress(OSError):
            token = self._project.token_file.read_text().strip()
            if token and self._memory is not None:
                return token
        return secrets.token_urlsafe(32)


def main(project: Project, link: KeeperLink, ready: int | None) -> int:
    """Run a manager; return its exit code."""
    os.chdir(project.root)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    try:
        asyncio.run(_run(project, link, ready))
    except ControllerError as error:
        log.error("%s %s", error.message, error.hint)
        if ready is None:
            return 1
        os.write(ready, json.dumps({"ok": False, "error": error.as_dict()}).encode() + b"\n")
        return 1
    return 0


async def _run(project: Project, link: KeeperLink, ready: int | None) -> None:
    for folder in (project.logs, project.environments, project.run):
        folder.mkdir(parents=True, exist_ok=True)
    project.run.chmod(0o700)
    await Daemon(project, link).run(ready)
