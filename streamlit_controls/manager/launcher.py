"""From a replica to its process: what it needs, its place in the queue, its fork, its start."""

import asyncio
import contextlib
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit_controls.core.errors import ControllerError, LaunchError
from streamlit_controls.core.events import Exited, Happening, Prepared, Ready, Refused
from streamlit_controls.core.launch import Launch, Places, launch
from streamlit_controls.core.names import instance_id
from streamlit_controls.core.replica import Instance, Replica
from streamlit_controls.core.unit import Kind, Unit
from streamlit_controls.manager import homes
from streamlit_controls.manager.admission import Admission
from streamlit_controls.manager.output import Output
from streamlit_controls.manager.preparation import Preparation
from streamlit_controls.manager.probes import Probes
from streamlit_controls.manager.process import Process
from streamlit_controls.manager.sandbox import Sandbox
from streamlit_controls.manager.zygote import Embryo
from streamlit_controls.manager.zygotes import Zygotes
from streamlit_controls.project import CODE_ROOT, Project

WAKE_PATIENCE, START_PATIENCE = 5.0, 30.0
"""Seconds that a process waits for a zygote that is not ready yet, with and without a visitor."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Started:
    """A process that has just begun, and the manager's end of the pipe on which it reports."""

    instance: Instance
    process: Process
    output: Output
    reports: int


class Launcher:
    """Prepares replicas in the background and starts their processes, forked where they can be."""

    def __init__(
        self,
        project: Project,
        preparation: Preparation,
        zygotes: Zygotes,
        probes: Probes,
        post: Callable[[Happening], None],
    ) -> None:
        self._project = project
        self._probes = probes
        self._zygotes = zygotes
        self._post = post
        self._preparation = preparation
        self._sandbox = Sandbox(project)
        self._admission = Admission()
        self._preparing: dict[int, asyncio.Task[None]] = {}
        self._embryos: dict[int, Embryo] = {}
        self._outputs: dict[str, Output] = {}

    def prepare(self, replica: Replica, unit: Unit) -> None:
        """Look for what the unit needs, wait for its turn; then Prepared or Refused."""
        self._outputs[unit.name] = self.output_from_now(unit)
        task = asyncio.create_task(self._prepare(replica, unit))
        self._preparing[replica.number] = task
        task.add_done_callback(lambda _: self._preparing.pop(replica.number, None))

    def forget(self, replica: Replica) -> None:
        """Give up preparing a replica."""
        task = self._preparing.pop(replica.number, None)
        if task is not None:
            task.cancel()
        self._admission.leave(replica.number)
        embryo = self._embryos.pop(replica.number, None)
        if embryo is not None:
            embryo.discard()

    def note(self, event: Happening) -> None:
        """Let the next one start when this one has, or cannot."""
        if isinstance(event, Ready | Exited | Refused):
            self._admission.leave(event.replica)

    async def warm(self, replica: Replica, unit: Unit) -> None:
        """See to it that the unit's next process can be forked at once."""
        with contextlib.suppress(ControllerError, OSError):
            if unit.forks:
                python, _ = await self._preparation.needs(unit, replica.python)
                await self._zygotes.warm(python, unit.preload)

    def launch(
        self,
        replica: Replica,
        unit: Unit,
        prepared: Prepared,
        port: int,
        listener: socket.socket,
        upstream: socket.socket | None,
    ) -> Started:
        """Start a process with its sockets and its log in its hands; raise LaunchError."""
        name = replica.reserved or instance_id()
        embryo = self._embryos.pop(replica.number, None)
        read, write = os.pipe()
        descriptors = [write] if unit.kind in {Kind.STREAMLIT, Kind.ASGI} else []
        if unit.kind is not Kind.COMMAND:
            descriptors.append(listener.fileno())
        if upstream is not None:
            descriptors.append(upstream.fileno())
        probe = self._probes.open(name) if unit.kind is Kind.ASGI else None
        if probe is not None:
            descriptors.append(probe.fileno())
        try:
            how = launch(
                unit,
                name,
                python=prepared.python,
                script=prepared.script,
                listen_fd=listener.fileno(),
                upstream_fd=upstream.fileno() if upstream is not None else -1,
                probe_fd=probe.fileno() if probe is not None else -1,
                report_fd=write,
                places=Places(CODE_ROOT, self._project.root, Path(sys.prefix)),
                inherited=os.environ,
            )
            if unit.app is not None:
                homes.make(unit.app, self._project.root)
            if unit.isolation == "sandbox":
                how = self._sandbox.wrap(unit, how, prepared.python)
            process, forked, output = self._start(unit, how, embryo, descriptors)
        except BaseException:
            os.close(read)
            self._probes.forget(name)
            if embryo is not None:
                embryo.discard()
            raise
        finally:
            os.close(write)
            if probe is not None:
                probe.close()
        instance = Instance(name, port, process.pid, process.birth, time.time(), forked=forked)
        return Started(instance, process, output, read)

    def output(self, unit: Unit) -> Output:
        """Return what a unit's newest process wrote."""
        return self._outputs.get(unit.name, Output(self._log(unit), 0))

    def output_from_now(self, unit: Unit) -> Output:
        """Return what a unit's process, begun by another manager, writes from now on."""
        file = self._log(unit)
        return Output(file, file.stat().st_size if file.exists() else 0)

    async def _prepare(self, replica: Replica, unit: Unit) -> None:
        number = replica.number
        try:
            python, script = await self._preparation.needs(unit, replica.python)
            if unit.isolation == "sandbox":
                await self._sandbox.prepare()
            # Without the site nothing is seen, and for what sleeps a visitor waits.
            urgent = unit.app is None or replica.reserved is not None
            await self._admission.enter(number, urgent=urgent)
            patience = WAKE_PATIENCE if urgent else START_PATIENCE
            embryo = (
                await self._zygotes.fork(python, unit.preload, patience) if unit.forks else None
            )
            if embryo is not None:
                self._embryos[number] = embryo
        except ControllerError as error:
            reason = f"{error.message} ({error.hint})" if error.hint else error.message
            self._post(Refused(number, reason))
        except OSError as error:
            self._post(Refused(number, f"it cannot be prepared: {error}"))
        except Exception as error:
            # The outermost boundary of a task: whoever waits for it must hear of its end.
            log.exception("%s cannot be prepared", unit.name)
            self._post(Refused(number, f"it cannot be prepared: {error!r}"))
        else:
            self._post(Prepared(number, python, script))

    def _start(
        self, unit: Unit, how: Launch, embryo: Embryo | None, descriptors: list[int]
    ) -> tuple[Process, bool, Output]:
        self._project.logs.mkdir(exist_ok=True)
        with self._log(unit).open("ab") as file:
            output = self._outputs[unit.name] = Output(self._log(unit), file.tell())
            given: Any = {"cwd": how.cwd, "env": how.env, "log": file, "descriptors": descriptors}
            if embryo is not None:
                try:
                    return embryo.become(how.argv, **given), True, output
                except LaunchError as error:
                    log.info("%s: is started, not forked: %s", unit.name, error)
                    embryo.discard()
            sandboxed = unit.isolation == "sandbox"
            return Process.spawn(how.argv, **given, sandboxed=sandboxed), False, output

    def _log(self, unit: Unit) -> Path:
        return self._project.logs / unit.log
