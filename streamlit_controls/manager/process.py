"""One process, ours or a predecessor's, and everything that hangs on it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.pulse import Doing
from streamlit_controls.manager import proc
from streamlit_controls.manager.inside import HELD, exit_code, inside, is_monitor

TRACE_SECONDS = 0.5
"""Seconds in which a process writes where it is."""

Collect = Callable[[], Awaitable[int | None]]


class Process:
    """A process that leads a group of its own, watched by a descriptor that ends with it.

    The descriptor (a pidfd) makes no difference between children and adopted processes, and
    cannot mean another process that got the same pid later.
    """

    def __init__(self, pid: int, collect: Collect | None = None) -> None:
        """Watch a process; `collect` takes its exit code from its parent once it has ended."""
        self.pid = pid
        self.birth = birth(pid)
        self.ending = False
        """Whether it was told to end."""
        self._collect = collect
        self._pidfd = os.pidfd_open(pid)
        self._sandboxed = is_monitor(pid)
        self._family: list[proc.Stat] = []
        self._runs: int | None = None

    @classmethod
    def spawn(
        cls,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: BinaryIO,
        descriptors: Sequence[int] = (),
        sandboxed: bool = False,
    ) -> "Process":
        """Start a program, writing to its log by itself; raise LaunchError where it cannot be.

        `sandboxed` is for a sandbox, whose own processes hold back what is for the one inside.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD if sandboxed else ())
        try:
            child = subprocess.Popen(
                argv,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=descriptors,
                start_new_session=True,
            )
        except OSError as error:
            what = error.filename or argv[0]
            raise LaunchError(f"{what} cannot be started: {error.strerror}") from error
        except ValueError as error:
            raise LaunchError(f"{argv[0]} cannot be started: {error}") from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

        async def collect() -> int:
            return child.wait()

        return cls(child.pid, collect)

    @classmethod
    def adopt(cls, pid: int, born: float) -> "Process | None":
        """Return a process that another manager started, or None where it is gone."""
        try:
            process = cls(pid)
        except (ProcessLookupError, FileNotFoundError):
            return None
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            if process.birth == born and not is_zombie(pid):
                return process
        process.close()
        return None

    async def wait(self) -> int | None:
        """Wait for the end; return the exit code (minus the signal), None where nobody knows it.

        What is left of its group, and of those who were seen below it, is killed then.
        """
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(self._pidfd, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._pidfd)
        # While it is not reaped, or anybody is left of its group, the number is nobody else's.
        self._signal(signal.SIGKILL)
        code = await self._collect() if self._collect is not None else None
        return exit_code(code) if self._sandboxed and code is not None else code

    def has_run(self) -> bool:
        """Tell whether its main thread is known to have run since this was asked last."""
        pid = (inside(self.pid) or self.pid) if self._sandboxed else self.pid
        before, self._runs = self._runs, proc.runs(pid)
        return None not in {before, self._runs} and before != self._runs

    def doing(self) -> Doing:
        """Return what it, and all below it, do now; nothing where it has ended."""
        try:
            return proc.doing(self.pid)
        except proc.GONE:
            return Doing(frozenset(), {})

    async def show_trace(self) -> None:
        """Have it write to its log where it is, if it can, before it is killed."""
        if proc.catches(inside(self.pid) or self.pid, signal.SIGQUIT):
            self.tell(signal.SIGQUIT)
            await asyncio.sleep(TRACE_SECONDS)

    def terminate(self) -> None:
        """Ask the process, and whoever it started, to end."""
        self.ending = True
        self.note_family()
        # In a sandbox where nobody is yet, nobody would hear of it.
        self._signal(signal.SIGTERM if inside(self.pid) else signal.SIGKILL)
        self._signal(signal.SIGCONT)  # who is stopped hears of nothing before

    def kill(self) -> None:
        """End the process and whoever it started."""
        self.note_family()
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Stop watching; nobody hears of anything any more."""
        descriptor, self._pidfd = self._pidfd, -1
        os.close(descriptor)

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, or to the one in the sandbox that it waits for."""
        if self._pidfd < 0:
            return
        if self._sandboxed:
            with contextlib.suppress(*proc.GONE):
                if target := inside(self.pid):
                    proc.tell(proc.stat(target), number)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(self._pidfd, number)

    def note_family(self) -> None:
        """Remember who is below it, or was: with its end they become somebody else's."""
        self._family = [each for each in self._family if proc.is_there(each.pid, each.birth)]
        known = {each.pid for each in self._family}
        self._family += [each for each in proc.below(self.pid) if each.pid not in known]

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to its group, and to those seen below it who are elsewhere."""
        if self._pidfd < 0:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            try:
                if not self._is_replaced():
                    os.killpg(self.pid, number)
            except ProcessLookupError:  # it has just begun, and leads no group yet
                signal.pidfd_send_signal(self._pidfd, number)
        for each in self._family:
            if each.group != self.pid or number == signal.SIGKILL:
                proc.tell(each, number)

    def _is_replaced(self) -> bool:
        """Tell whether its pid is somebody else's: what was adopted, others reap."""
        with contextlib.suppress(*proc.GONE):
            return birth(self.pid) != self.birth
        return False


def birth(pid: int) -> float:
    """Return when a process started, in seconds since boot: with the pid, its identity."""
    return proc.stat(pid).birth


def since_boot() -> float:
    """Return the seconds since boot: a clock that no one sets, the same for every process."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def is_zombie(pid: int) -> bool:
    """Tell whether a process has ended and is only not reaped yet."""
    return proc.stat(pid).state == "Z"


def describe_exit(code: int | None) -> str:
    """Return in words how a process ended."""
    if code is None:
        return "ended"
    if code < 0:
        known = {each.value: each.name for each in signal.Signals}
        return f"was ended by {known.get(-code, f'signal {-code}')}"
    return f"exited with code {code}"
