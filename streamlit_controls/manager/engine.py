"""Runs instances on this machine: each a process with its socket, its log and its reports."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path

from streamlit_controls.core.errors import ControllerError, LaunchError
from streamlit_controls.core.events import Happening, Prepared, Refused
from streamlit_controls.core.launch import Places, launch
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.names import instance_id
from streamlit_controls.core.replica import Instance, Replica
from streamlit_controls.core.unit import Kind, Unit
from streamlit_controls.manager.health import Target
from streamlit_controls.manager.link import KeeperLink
from streamlit_controls.manager.listeners import Listeners
from streamlit_controls.manager.output import Output
from streamlit_controls.manager.preparation import Preparation
from streamlit_controls.manager.process import Process
from streamlit_controls.manager.running import Running
from streamlit_controls.manager.upstreams import Upstreams
from streamlit_controls.project import CODE_ROOT, Project


class LocalEngine:
    """Starts and stops processes on this machine; what becomes of them it posts as events.

    `routed` waits until the gateway works by the newest snapshot.
    """

    def __init__(
        self,
        project: Project,
        link: KeeperLink,
        listeners: Listeners,
        upstreams: Upstreams,
        post: Callable[[Happening], None],
        routed: Callable[[], Awaitable[None]],
    ) -> None:
        self._project = project
        self._link = link
        self._listeners = listeners
        self._upstreams = upstreams
        self._preparation = Preparation(project)
        self._post = post
        self._routed = routed
        self._preparing: dict[int, asyncio.Task[None]] = {}
        self._running: dict[str, Running] = {}
        self._outputs: dict[str, Output] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def prepare(self, replica: Replica, unit: Unit) -> None:
        """Look for what the unit needs, in the background."""
        log = self._log(unit)
        self._outputs[unit.name] = Output(log, log.stat().st_size if log.exists() else 0)
        task = asyncio.create_task(self._prepare(replica.number, unit))
        self._preparing[replica.number] = task
        task.add_done_callback(lambda _: self._preparing.pop(replica.number, None))

    def forget(self, replica: Replica) -> None:
        """Give up preparing a replica."""
        task = self._preparing.pop(replica.number, None)
        if task is not None:
            task.cancel()

    def launch(self, replica: Replica, unit: Unit, prepared: Prepared) -> Instance:
        """Start the process of a replica, its socket and its log in its hands."""
        listener = self._listeners.open(replica.port, unit.host)
        port = listener.getsockname()[1]
        try:
            return self._launch(replica, unit, prepared, listener)
        except (OSError, LaunchError) as error:
            if not replica.port:
                self.release(port)  # nobody else knows of it
            if isinstance(error, LaunchError):
                raise
            raise LaunchError(f"it cannot be started: {error}") from error

    def adopt(self, replica: Replica, unit: Unit) -> bool:
        """Take over the process that an earlier manager started for a replica."""
        instance = replica.instance
        assert instance is not None
        process = Process.adopt(instance.pid, instance.birth)
        read = self._link.inherited.pop(f"report:{instance.id}", None)
        if process is None:
            if read is not None:
                os.close(read)
                self._link.drop(f"report:{instance.id}")
            return False
        if unit.kind is not Kind.COMMAND and not instance.binds_itself:
            self._listeners.recover(instance.port, instance.pid)
        log = self._log(unit)
        output = Output(log, log.stat().st_size if log.exists() else 0)
        self._look_after(replica, unit, instance, process, output, read)
        return True

    def terminate(self, replica: Replica) -> None:
        """Ask a process to end, once the gateway sends nobody to it any more."""
        running = self._of(replica)
        if running is not None:
            self._background(self._terminate(running))

    def kill(self, replica: Replica) -> None:
        """End a process by force."""
        running = self._of(replica)
        if running is not None:
            running.process.kill()

    def release(self, port: int) -> None:
        """Stop listening on a port."""
        self._listeners.close(port)
        self._upstreams.close(port)

    def log_tail(self, unit: Unit, lines: int = 12) -> tuple[str, ...]:
        """Return the last lines that a unit's newest process wrote."""
        output = self._outputs.get(unit.name, Output(self._log(unit), 0))
        return tuple(output.lines()[-lines:])

    def stored(self) -> Mapping[str, int]:
        """Return the descriptors that the keeper should hold, by name."""
        return {
            f"report:{name}": running.descriptor
            for name, running in self._running.items()
            if running.descriptor is not None
        }

    async def _prepare(self, number: int, unit: Unit) -> None:
        try:
            python, script = await self._preparation.needs(unit)
        except ControllerError as error:
            reason = f"{error.message} ({error.hint})" if error.hint else error.message
            self._post(Refused(number, reason))
        except OSError as error:
            self._post(Refused(number, f"it cannot be prepared: {error}"))
        else:
            self._post(Prepared(number, python, script))

    def _launch(
        self, replica: Replica, unit: Unit, prepared: Prepared, listener: socket.socket
    ) -> Instance:
        name, port = instance_id(), listener.getsockname()[1]
        if unit.kind is Kind.COMMAND:
            self._listeners.close(port)  # it was free: the program binds it itself
        upstream = self._upstreams.open(port) if unit.kind is Kind.STREAMLIT else None
        read, write = os.pipe()
        descriptors = [write] if unit.kind in {Kind.STREAMLIT, Kind.ASGI} else []
        if unit.kind is not Kind.COMMAND:
            descriptors.append(listener.fileno())
        if upstream is not None:
            descriptors.append(upstream.fileno())
        try:
            how = launch(
                unit,
                name,
                python=prepared.python,
                script=prepared.script,
                listen_fd=listener.fileno(),
                upstream_fd=upstream.fileno() if upstream is not None else -1,
                report_fd=write,
                places=Places(CODE_ROOT, self._project.root, Path(sys.prefix)),
                inherited=os.environ,
            )
            self._project.logs.mkdir(exist_ok=True)
            with self._log(unit).open("ab") as log:
                output = self._outputs[unit.name] = Output(self._log(unit), log.tell())
                process = Process.spawn(
                    how.argv, cwd=how.cwd, env=how.env, log=log, descriptors=descriptors
                )
        except BaseException:
            os.close(read)
            raise
        finally:
            os.close(write)
        instance = Instance(name, port, process.pid, process.birth, time.time())
        self._link.store(f"report:{name}", read)
        if upstream is not None:
            self._upstreams.name(name, port)
        self._look_after(replica, unit, instance, process, output, read)
        return instance

    def _look_after(
        self,
        replica: Replica,
        unit: Unit,
        instance: Instance,
        process: Process,
        output: Output,
        read: int | None,
    ) -> None:
        running = Running(
            replica.number,
            Target(unit, instance.id, instance.port, self._project.gateway_socket),
            process,
            output,
            read,
            post=self._post,
            binds_itself=self.release,
        )
        self._running[instance.id] = running
        ready = replica.state in {State.RUNNING, State.DRAINING}
        self._background(self._supervise(running, ready))

    async def _supervise(self, running: Running, ready: bool) -> None:
        try:
            await running.supervise(ready=ready)
        finally:
            name = running.target.instance
            del self._running[name]
            self._link.drop(f"report:{name}")

    async def _terminate(self, running: Running) -> None:
        await self._routed()
        if running.target.instance in self._running:
            running.process.terminate()

    def _background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _of(self, replica: Replica) -> Running | None:
        return self._running.get(replica.instance.id) if replica.instance else None

    def _log(self, unit: Unit) -> Path:
        return self._project.logs / unit.log
