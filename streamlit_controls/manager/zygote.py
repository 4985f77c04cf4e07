"""One zygote: a process that has an environment's packages imported and forks instances."""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.pulse import STOPPED, WORKING
from streamlit_controls.manager import proc
from streamlit_controls.manager.process import Process

PACKET = 64 * 1024
ORDER = 1024 * 1024
"""Bytes of an order at the most: the environment variables are the most of it."""

FORK_PATIENCE = 5.0
"""Seconds for one answer, as long as it works on it; a fork takes a few milliseconds."""

LOOK = 0.5
"""Seconds between two looks whether it does."""


class Embryo:
    """A fork that waits to be told what to become."""

    def __init__(self, pid: int, orders: socket.socket, zygote: "Zygote") -> None:
        self.pid = pid
        self._orders = orders
        self._zygote = zygote

    def become(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: BinaryIO,
        descriptors: Sequence[int] = (),
    ) -> Process:
        """Make it what a process spawned so would be; raise LaunchError where it cannot be."""
        order = {
            "argv": list(argv),
            "env": dict(env),
            "cwd": str(cwd),
            "descriptors": list(descriptors),
        }
        data = json.dumps(order, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if len(data) > ORDER:
            raise LaunchError(f"its variables are too many for a fork: {len(data)} bytes")
        process: Process | None = None
        try:
            process = Process(self.pid, lambda: self._zygote.reap(self.pid))
            socket.send_fds(self._orders, [data], [log.fileno(), *descriptors])
        except OSError as error:
            if process is not None:
                process.close()
            raise LaunchError(f"its fork cannot be told what to become: {error}") from error
        self._orders.close()
        return process

    def discard(self) -> None:
        """Have it end."""
        self._orders.close()
        self._zygote.bury(self.pid)


class Zygote:
    """Asks one zygote for forks, and for how they ended."""

    def __init__(self, process: Process, control: socket.socket) -> None:
        self.process = process
        self._control = control
        self._words: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._forks: dict[int, asyncio.Future[int | None]] = {}
        """What is not answered yet, by the number of the request."""
        self._numbers = itertools.count(1)
        self._reaped: dict[int, asyncio.Future[int | None]] = {}
        self._forking = asyncio.Lock()
        self.gone = False
        self.children: set[int] = set()
        asyncio.get_running_loop().add_reader(control, self._hear)

    async def prepared(self, patience: float) -> Mapping[str, Any]:
        """Return its first words: whether it is ready; raise TimeoutError where it says nothing."""
        async with asyncio.timeout(patience):
            return await self._words

    async def fork(self) -> Embryo:
        """Return a new fork; raise OSError or TimeoutError where it gives none.

        Where nobody waits any more, the fork that comes all the same is buried.
        """
        async with self._forking:
            number = next(self._numbers)
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            answer: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
            try:
                with theirs:
                    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1024 * 1024)
                    self._send({"do": "fork", "number": number}, [theirs.fileno()])
                self._forks[number] = answer
                pid: int | None = await self._patiently(answer)
                if pid is None:
                    raise OSError("it has ended")
            except BaseException:
                ours.close()
                if answer.done() and not answer.cancelled() and (unwanted := answer.result()):
                    self.bury(unwanted)
                raise
            self.children.add(pid)
            return Embryo(pid, ours, self)

    async def reap(self, pid: int) -> int | None:
        """Return how a fork that has ended did so; None where nobody can tell any more."""
        self.children.discard(pid)
        if self.gone:
            return None
        answer: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._reaped[pid] = answer
        try:
            self._send({"do": "reap", "pid": pid})
            code: int | None = await self._patiently(answer)
        except (OSError, TimeoutError):
            return None
        finally:
            self._reaped.pop(pid, None)
        return code

    def bury(self, pid: int) -> None:
        """Have a fork reaped whose end nobody waits for."""
        self.children.discard(pid)
        with contextlib.suppress(OSError):
            self._send({"do": "reap", "pid": pid})

    def kill(self) -> None:
        """End it, whatever it does; its forks live on."""
        self.process.tell(signal.SIGKILL)

    def close(self) -> None:
        """Hear its last words and let it end; its forks live on."""
        while not self.gone and self._hear():
            pass
        if not self.gone:
            self._lost()

    async def _patiently(self, answer: asyncio.Future[Any]) -> Any:
        """Return an answer; raise TimeoutError where it does not work on it, or for too long."""
        try:
            seen = self._see_that_it_works(None)
            async with asyncio.timeout(FORK_PATIENCE):
                while not (await asyncio.wait({answer}, timeout=LOOK))[0]:
                    seen = self._see_that_it_works(seen)
        finally:
            answer.cancel()
        return answer.result()

    def _see_that_it_works(self, before: proc.Stat | None) -> proc.Stat | None:
        """Return what it does now; raise TimeoutError where it does nothing any more."""
        with contextlib.suppress(*proc.GONE):
            seen = proc.stat(self.process.pid)
            waits = seen.state not in WORKING and before is not None and seen.used == before.used
            if seen.state == STOPPED or waits:
                raise TimeoutError("it hangs")
            return seen
        return None

    def _send(self, message: Mapping[str, Any], descriptors: list[int] | None = None) -> None:
        if self.gone:
            raise OSError("it has ended")
        socket.send_fds(
            self._control, [json.dumps(message).encode()], descriptors or [], socket.MSG_DONTWAIT
        )

    def _hear(self) -> bool:
        """Take one message; return whether there was one."""
        try:
            data = os.read(self._control.fileno(), PACKET)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._lost()
            return False
        message = json.loads(data)
        if "reaped" in message:
            _answer(self._reaped.get(message["reaped"]), message["code"])
        elif "forked" in message:
            if not _answer(self._forks.pop(message["number"], None), message["forked"]):
                self.bury(message["forked"])
        else:
            _answer(self._words, message)
        return True

    def _lost(self) -> None:
        self.gone = True
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        _answer(self._words, {})
        for waiting in (*self._forks.values(), *self._reaped.values()):
            _answer(waiting, None)


def _answer(waiting: asyncio.Future[Any] | None, what: Any) -> bool:
    """Tell whoever waits; return whether anybody does."""
    if waiting is None or waiting.done():
        return False
    waiting.set_result(what)
    return True
