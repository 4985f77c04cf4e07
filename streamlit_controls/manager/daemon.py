"""The manager's wiring: makes its parts, connects them, and runs them until the end."""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import time
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

from streamlit_controls import __version__
from streamlit_controls.core.events import Pressed
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.core.unit import GATEWAY
from streamlit_controls.manager import leftovers, memory, scales
from streamlit_controls.manager.board import Board
from streamlit_controls.manager.commands import Commands
from streamlit_controls.manager.control import ControlServer
from streamlit_controls.manager.desired import Desired
from streamlit_controls.manager.edits import Edits
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
from streamlit_controls.manager.succession import LAST_WORDS, Succession
from streamlit_controls.manager.upkeep import Upkeep
from streamlit_controls.manager.upstreams import Upstreams
from streamlit_controls.manager.zygotes import Zygotes
from streamlit_controls.project import Project

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
        self._succession = Succession(
            project,
            self._desired,
            link,
            save=self._save,
            pause=self._pause,
            gateway=self._gateway_pid,
        )
        token = self._make_token()
        self._upkeep = Upkeep(project, token, self._desired.config.manager_port, self._publish)
        self._control = ControlServer(
            token,
            Commands(
                self._desired,
                self._board,
                wished=self._wished,
                routed=self._gateway.settled,
                shut_down=self._shut_down,
                make_way=self._succession.make_way,
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
        before = self._memory.replicas if self._memory is not None else ()
        self._reconciler.restore(before)
        self._publish()  # who tells it to end from now on is heard once all that runs is known
        known = [each.instance for each in before if each.instance is not None]
        await asyncio.to_thread(leftovers.end_strangers, self._project.state, known)
        self._upstreams.keep_only({replica.port for replica in self._reconciler.replicas})
        self._front.keep_only({replica.address for replica in self._reconciler.replicas})
        self._engine.forget_others()
        self._publish()
        await self._control.start(self._control_socket)
        self._upkeep.introduce()
        self._link.watch(self._stored)
        self._link.ready()
        if ready is not None:
            os.write(ready, b'{"ok": true}\n')
            os.close(ready)
        log.info("manager %s runs as pid %s", __version__, os.getpid())
        edits = Edits(self._project, self._desired, self._board, self._wished)
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._reconciler.run()),
                tasks.create_task(self._gateway.run()),
                tasks.create_task(self._upkeep.run()),
                tasks.create_task(edits.run()),
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
            problems=(*self._desired.problems, *self._upkeep.problems),
            logs=self._logs_of_failed(),
            ends=self._reconciler.ends,
            booted_at=self._booted_at,
        )
        news = self._board.publish(snapshot)
        if not news and self._upkeep.all_written and self._upstreams.all_named:
            return
        write = self._gateway.write
        self._upkeep.note(self._upstreams.mend, lambda: write(snapshot), self._save)
        self._metrics.forget({each.instance.pid for each in snapshot.replicas if each.instance})

    def _save(self) -> None:
        self._store.save(replace(self._desired.memory(), replicas=self._reconciler.replicas))

    def _pause(self) -> None:
        """Take no more requests, and leave who waits to whoever has this socket next."""
        asyncio.get_running_loop().remove_reader(self._control_socket)

    def _gateway_pid(self) -> int | None:
        instances = [each.instance for each in self._board.snapshot.of(GATEWAY)]
        return next((each.pid for each in instances if each), None)

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
        await self._front.close()
        try:
            await asyncio.to_thread(leftovers.end_all, self._project.state)
        except Exception:
            log.exception("what was left cannot be ended")  # no reason to stay: a boundary
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
        with contextlib.suppress(OSError, ValueError):
            token = self._project.token_file.read_text().strip()
            if token and self._memory is not None:
                return token
        return secrets.token_urlsafe(32)
