"""Runs instances on this machine: each a process with its socket, its log and its reports."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit_controls.core import discovery
from streamlit_controls.core.complaint import complaint
from streamlit_controls.core.errors import BuildError, ControllerError, LaunchError
from streamlit_controls.core.events import (
    Exited,
    Happening,
    Prepared,
    Ready,
    Refused,
    Reported,
    Unhealthy,
)
from streamlit_controls.core.launch import Places, launch
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.names import instance_id
from streamlit_controls.core.replica import Instance, Replica
from streamlit_controls.core.unit import Kind, Unit
from streamlit_controls.manager import health
from streamlit_controls.manager.environments import Environments
from streamlit_controls.manager.link import KeeperLink
from streamlit_controls.manager.listeners import Listeners
from streamlit_controls.manager.process import Process, describe_exit
from streamlit_controls.manager.reports import ReportPipe
from streamlit_controls.project import CODE_ROOT, Project


@dataclass
class Running:
    """An instance on this machine and who looks after it."""

    replica: int
    target: health.Target
    process: Process
    log_start: int
    reports: ReportPipe | None = None
    serving: asyncio.Event = field(default_factory=asyncio.Event)
    refused: str | None = None
    script_error: str | None = None
    task: asyncio.Task[None] | None = None


class LocalEngine:
    """Starts and stops processes on this machine; what becomes of them it posts as events."""

    def __init__(
        self,
        project: Project,
        link: KeeperLink,
        listeners: Listeners,
        post: Callable[[Happening], None],
        routed: Callable[[], Awaitable[None]],
    ) -> None:
        self._project = project
        self._link = link
        self._listeners = listeners
        self._environments = Environments(project)
        self._post = post
        self._routed = routed
        self._preparing: dict[int, asyncio.Task[None]] = {}
        self._running: dict[str, Running] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._log_starts: dict[str, int] = {}

    def prepare(self, replica: Replica, unit: Unit) -> None:
        """Look for what the unit needs, in the background."""
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
                self._listeners.close(port)  # nobody else knows of it
            if isinstance(error, LaunchError):
                raise
            raise LaunchError(f"it cannot be started: {error}") from error

    def _launch(
        self, replica: Replica, unit: Unit, prepared: Prepared, listener: socket.socket
    ) -> Instance:
        name, port = instance_id(), listener.getsockname()[1]
        if unit.kind is Kind.COMMAND:
            self._listeners.close(port)  # it was free: the program binds it itself
        read, write = os.pipe()
        descriptors = [write] if unit.kind in {Kind.STREAMLIT, Kind.ASGI} else []
        if unit.kind is not Kind.COMMAND:
            descriptors.append(listener.fileno())
        try:
            how = launch(
                unit,
                name,
                python=prepared.python,
                script=prepared.script,
                listen_fd=listener.fileno(),
                report_fd=write,
                places=Places(CODE_ROOT, self._project.root, Path(sys.prefix)),
                inherited=os.environ,
            )
            with self._log(unit).open("ab") as log:
                start = self._log_starts[unit.name] = log.tell()
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
        self._look_after(replica, unit, instance, process, read, start)
        return instance

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
        log = self._log(unit)
        size = log.stat().st_size if log.exists() else 0
        self._look_after(replica, unit, instance, process, read, size)
        return True

    def terminate(self, replica: Replica) -> None:
        """Ask a process to end, once the gateway sends nobody to it any more."""
        running = self._of(replica)
        if running is not None:
            task = asyncio.create_task(self._terminate(running))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def kill(self, replica: Replica) -> None:
        """End a process by force."""
        running = self._of(replica)
        if running is not None:
            running.process.kill()

    def release(self, port: int) -> None:
        """Stop listening on a port."""
        self._listeners.close(port)

    def log_tail(self, unit: Unit, lines: int = 12) -> tuple[str, ...]:
        """Return the last lines that a unit's newest process wrote."""
        start = self._log_starts.get(unit.name, 0)
        return tuple(_last_lines(self._log(unit), start)[-lines:])

    def stored(self) -> Mapping[str, int]:
        """Return the descriptors that the keeper should hold, by name."""
        return {
            f"report:{name}": running.reports.descriptor
            for name, running in self._running.items()
            if running.reports is not None
        }

    async def _prepare(self, number: int, unit: Unit) -> None:
        try:
            python, script = await self._needs(unit)
        except ControllerError as error:
            reason = f"{error.message} ({error.hint})" if error.hint else error.message
            self._post(Refused(number, reason))
        except OSError as error:
            self._post(Refused(number, f"it cannot be prepared: {error}"))
        else:
            self._post(Prepared(number, python, script))

    async def _needs(self, unit: Unit) -> tuple[Path, str]:
        """Return the interpreter and the script of a unit; raise what is missing, in words."""
        if unit.environment is None:
            return Path(sys.executable), ""
        if unit.problem:
            raise LaunchError(unit.problem)
        if not unit.dir.is_dir():
            raise LaunchError(
                f"its folder {self._shown(unit.dir)} is missing",
                "restore it, or remove the app from config.json and refresh",
            )
        script = self._script(unit) if unit.kind is Kind.STREAMLIT else ""
        try:
            return await self._environments.python(unit.environment, unit.kind), script
        except OSError as error:
            raise BuildError(f"its environment cannot be made: {error}") from error

    def _script(self, unit: Unit) -> str:
        where = self._shown(unit.dir)
        if unit.entrypoint is not None:
            if not (unit.dir / unit.entrypoint).is_file():
                raise LaunchError(
                    f"there is no {unit.entrypoint} in {where}", "correct its entrypoint"
                )
            return unit.entrypoint
        script = discovery.entrypoint(path.name for path in unit.dir.iterdir())
        if script is None:
            raise LaunchError(
                f"no script to start in {where}", "name it app.py, or set its entrypoint"
            )
        return script

    def _look_after(
        self,
        replica: Replica,
        unit: Unit,
        instance: Instance,
        process: Process,
        read: int | None,
        log_start: int,
    ) -> None:
        admin = self._project.gateway_socket
        target = health.Target(unit, instance.id, instance.port, admin)
        running = Running(replica.number, target, process, log_start)
        if read is not None:
            running.reports = ReportPipe(read, lambda values: self._heard(running, values))
        self._running[instance.id] = running
        ready = replica.state in {State.RUNNING, State.DRAINING}
        running.task = asyncio.create_task(self._supervise(running, ready))

    async def _supervise(self, running: Running, ready: bool) -> None:
        name = running.target.instance
        checks = asyncio.create_task(self._check(running, ready))
        code = await running.process.wait()
        checks.cancel()
        if running.reports is not None:
            running.reports.drain()
            running.reports.close()
            self._link.drop(f"report:{name}")
        running.process.close()
        del self._running[name]
        if running.refused is not None:
            self._post(Refused(running.replica, running.refused))
        said = _last_lines(self._log(running.target.unit), running.log_start)
        reason = describe_exit(code)
        if code is not None and code > 0 and said:
            reason = f"{reason}: {complaint(said)}"
        self._post(Exited(running.replica, name, reason))

    async def _check(self, running: Running, ready: bool) -> None:
        """See an instance through its start, then keep an eye on it."""
        target, number = running.target, running.replica
        if not ready:
            await target.answers()
            if target.unit.kind is Kind.ASGI and running.reports is not None:
                # An older process on the same socket may have answered in its place.
                await running.serving.wait()
            error = None
            if await target.script_fails():
                error = running.script_error or self._complaint(running)
            self._post(Ready(number, target.instance, error))
        await target.watch(
            health.INTERVAL,
            lambda reason: self._post(Unhealthy(number, target.instance, reason)),
        )

    def _complaint(self, running: Running) -> str:
        """Return what the log says of a script that failed: its traceback's last line."""
        if running.reports is not None:
            running.reports.drain()
        said = _last_lines(self._log(running.target.unit), running.log_start)
        return running.script_error or complaint(said) or "its script fails"

    def _heard(self, running: Running, values: Mapping[str, Any]) -> None:
        if values.get("serving"):
            running.serving.set()
        if values.get("binds_itself"):
            self._listeners.close(running.target.port)
        if isinstance(values.get("refused"), str):
            running.refused = values["refused"]
        error = values.get("error")
        running.script_error = error if isinstance(error, str) else None
        if "sessions" in values:
            self._post(Reported(running.replica, running.target.instance, values))

    async def _terminate(self, running: Running) -> None:
        await self._routed()
        if running.target.instance in self._running:
            running.process.terminate()

    def _of(self, replica: Replica) -> Running | None:
        return self._running.get(replica.instance.id) if replica.instance else None

    def _log(self, unit: Unit) -> Path:
        return self._project.logs / unit.log

    def _shown(self, path: Path) -> str:
        try:
            return str(path.relative_to(self._project.root))
        except ValueError:
            return str(path)


def _last_lines(log: Path, start: int) -> list[str]:
    """Return the last lines, without empty ones, that a log has from an offset on."""
    try:
        with log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(start if start <= end else 0, end - 16384))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()]
