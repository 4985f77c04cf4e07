"""Runs instances on this machine: each a process with its socket, its log and its reports."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.events import Happening, Prepared, Ready, Woken
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Instance, Replica
from streamlit_controls.core.unit import Kind, Unit
from streamlit_controls.manager.doorbell import Doorbell
from streamlit_controls.manager.front import Front
from streamlit_controls.manager.health import Crowd, Target
from streamlit_controls.manager.launcher import Launcher
from streamlit_controls.manager.leftovers import Leftovers
from streamlit_controls.manager.link import KeeperLink
from streamlit_controls.manager.listeners import Listeners
from streamlit_controls.manager.output import Output
from streamlit_controls.manager.preparation import Preparation
from streamlit_controls.manager.probes import Probes
from streamlit_controls.manager.process import Process
from streamlit_controls.manager.running import Running
from streamlit_controls.manager.upstreams import Upstreams
from streamlit_controls.manager.zygotes import Zygotes
from streamlit_controls.project import Project


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
        preparation: Preparation,
        zygotes: Zygotes,
        front: Front,
        post: Callable[[Happening], None],
        routed: Callable[[], Awaitable[None]],
    ) -> None:
        self._project = project
        self._link = link
        self._listeners = listeners
        self._upstreams = upstreams
        self._tell = post
        self._routed = routed
        self._front = front
        self._probes = Probes(project.run)
        self._launcher = Launcher(project, preparation, zygotes, self._probes, self._post)
        self._doorbell = Doorbell(lambda number: self._post(Woken(number)))
        self._crowd = Crowd()
        self._leftovers = Leftovers()
        self._running: dict[str, Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def prepare(self, replica: Replica, unit: Unit) -> None:
        """Look for what the unit needs, in the background."""
        self._launcher.prepare(replica, unit)

    def forget(self, replica: Replica) -> None:
        """Give up preparing a replica, or waiting for its visitors."""
        self._doorbell.silence(replica.number)
        self._launcher.forget(replica)
        if replica.reserved is not None:
            self._front.hide(replica.reserved)

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

    def adopt(self, replica: Replica, unit: Unit) -> Replica | None:
        """Take over the process that an earlier manager started for a replica."""
        instance = replica.instance
        assert instance is not None
        process = Process.adopt(instance.pid, instance.birth)
        read = self._link.inherited.pop(f"report:{instance.id}", None)
        if process is None:
            if read is not None:
                os.close(read)
                self._link.drop(f"report:{instance.id}")
            self._background(self._leftovers.end(instance.id))
            return None
        ours = unit.kind is not Kind.COMMAND and not instance.binds_itself
        ours = ours and self._listeners.recover(instance.port, instance.pid)
        if unit.kind is Kind.STREAMLIT:
            self._upstreams.recover(instance.port, instance.pid)
            if not instance.binds_itself:
                self._upstreams.name(instance.id, instance.port)
        output = self._launcher.output_from_now(unit)
        self._look_after(replica, unit, instance, process, output, read, python=replica.python)
        keeps = unit.shares_socket and not ours and replica.state is not State.DRAINING
        return replace(replica, instance=replace(instance, keeps_socket=keeps))

    def rest(self, replica: Replica, unit: Unit) -> None:
        """Wait at a replica's sockets for a visitor, and keep a zygote for its next process."""
        assert replica.reserved is not None
        try:
            sockets = [self._listeners.open(replica.port, unit.host)]
            if unit.kind is Kind.STREAMLIT:
                sockets.append(self._upstreams.open(replica.port))
        except (LaunchError, OSError):
            self._post(Woken(replica.number))  # its start will say what is wrong
            return
        self.hold(replica, unit)
        self._doorbell.watch(replica.number, sockets)
        self._background(self._launcher.warm(replica, unit))

    def hold(self, replica: Replica, unit: Unit) -> None:
        """Make the address at which a replica's next process will be one to wait at."""
        if unit.kind is Kind.STREAMLIT and replica.reserved is not None:
            self._upstreams.name(replica.reserved, replica.port, alone=replica.dozing)
            self._front.show(unit, replica.reserved, replica.python)

    def nap(self, replica: Replica, *, at_once: bool) -> None:
        """Ask a process to end, for as long as nobody wants it."""
        running = self._of(replica)
        if running is not None:
            running.nap(at_once=at_once)

    def drain(self, replica: Replica) -> None:
        """Ask a process to end as soon as nobody is with it, once nobody new is sent to it.

        One that cannot tell who is with it has all its time.
        """
        running = self._of(replica)
        if running is not None and not (replica.instance and replica.instance.binds_itself):
            self._background(self._tell_to_end(running, running.drain))

    def terminate(self, replica: Replica) -> None:
        """Ask a process to end, once the gateway sends nobody to it any more."""
        running = self._of(replica)
        if running is not None:
            self._background(self._tell_to_end(running, running.process.terminate))

    def kill(self, replica: Replica) -> None:
        """End a process by force."""
        running = self._of(replica)
        if running is not None:
            running.process.kill()

    def release(self, port: int) -> None:
        """Stop listening on a port."""
        self._listeners.close(port)
        self._upstreams.close(port)

    def forget_others(self) -> None:
        """Forget what is left of processes that are not looked after."""
        self._probes.keep_only(self._running)

    def log_tail(self, unit: Unit, lines: int = 12) -> tuple[str, ...]:
        """Return the last lines that a unit's newest process wrote."""
        return tuple(self._launcher.output(unit).lines()[-lines:])

    def stored(self) -> Mapping[str, int]:
        """Return the descriptors that the keeper should hold, by name."""
        return {
            f"report:{name}": running.descriptor
            for name, running in self._running.items()
            if running.descriptor is not None
        }

    def _launch(
        self, replica: Replica, unit: Unit, prepared: Prepared, listener: socket.socket
    ) -> Instance:
        port = listener.getsockname()[1]
        if unit.kind is Kind.COMMAND:
            self._listeners.close(port)  # it was free: the program binds it itself
        upstream = self._upstreams.open(port) if unit.kind is Kind.STREAMLIT else None
        started = self._launcher.launch(replica, unit, prepared, port, listener, upstream)
        name = started.instance.id
        self._link.store(f"report:{name}", started.reports)
        if upstream is not None:
            self._upstreams.name(name, port)
        self._look_after(
            replica,
            unit,
            started.instance,
            started.process,
            started.output,
            started.reports,
            python=str(prepared.python),
        )
        return started.instance

    def _look_after(
        self,
        replica: Replica,
        unit: Unit,
        instance: Instance,
        process: Process,
        output: Output,
        read: int | None,
        *,
        python: str | None,
    ) -> None:
        name, port = instance.id, instance.port
        probe = self._probes.path(name)
        running = Running(
            replica.number,
            Target(unit, name, port, self._project.gateway_socket, self._crowd, probe),
            process,
            output,
            read,
            post=self._post,
            binds_itself=self.release,
            python=python,
            leftovers=self._leftovers,
        )
        self._running[instance.id] = running
        ready = replica.state in {State.RUNNING, State.DRAINING}
        # What slept has shown that its script works.
        woken = replica.reserved is not None
        self._background(self._supervise(running, ready=ready, try_script=not woken))

    async def _supervise(self, running: Running, *, ready: bool, try_script: bool) -> None:
        try:
            await running.supervise(ready=ready, try_script=try_script)
        finally:
            name = running.target.instance
            del self._running[name]
            self._front.hide(name)
            self._probes.forget(name)
            self._link.drop(f"report:{name}")

    async def _tell_to_end(self, running: Running, tell: Callable[[], None]) -> None:
        await self._routed()
        if running.target.instance in self._running:
            tell()

    def _post(self, event: Happening) -> None:
        self._launcher.note(event)
        if isinstance(event, Ready) and not event.script_error:
            unit = self._running[event.instance].target.unit
            self._front.show(unit, event.instance, self._running[event.instance].python)
        self._tell(event)

    def _background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _of(self, replica: Replica) -> Running | None:
        return self._running.get(replica.instance.id) if replica.instance else None
