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
        self._collect = collect
        self._pidfd = os.pidfd_open(pid)

    @classmethod
    def spawn(
        cls,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: BinaryIO,
        descriptors: Sequence[int] = (),
    ) -> "Process":
        """Start a program, writing to its log by itself; raise LaunchError where it cannot be."""
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

        What is left of its group is killed then.
        """
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(self._pidfd, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._pidfd)
        # Before it is reaped its pid, and so its group's number, cannot be anybody else's.
        self._signal_group(signal.SIGKILL)
        return await self._collect() if self._collect is not None else None

    def terminate(self) -> None:
        """Ask the process, and whoever it started, to end."""
        self._signal_group(signal.SIGTERM)

    def kill(self) -> None:
        """End the process and whoever it started."""
        self._signal_group(signal.SIGKILL)

    def close(self) -> None:
        """Stop watching."""
        os.close(self._pidfd)

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:  # it has just begun, and leads no group yet
                signal.pidfd_send_signal(self._pidfd, number)

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(self._pidfd, number)


def birth(pid: int) -> float:
    """Return when a process started, in seconds since boot: with the pid, its identity."""
    return int(_stat(pid)[19]) / os.sysconf("SC_CLK_TCK")


def since_boot() -> float:
    """Return the seconds since boot: a clock that no one sets, the same for every process."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def is_zombie(pid: int) -> bool:
    """Tell whether a process has ended and is only not reaped yet."""
    return _stat(pid)[0] == "Z"


def describe_exit(code: int | None) -> str:
    """Return in words how a process ended."""
    if code is None:
        return "ended"
    if code < 0:
        known = {each.value: each.name for each in signal.Signals}
        return f"was ended by {known.get(-code, f'signal {-code}')}"
    return f"exited with code {code}"


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat after the name, which may hold anything."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return text[text.rindex(")") + 2 :].split()
