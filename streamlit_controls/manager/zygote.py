"""One zygote: a process that has an environment's packages imported and forks instances."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.manager.process import Process

PACKET = 64 * 1024
ORDER = 1024 * 1024
"""Bytes of an order at the most: the environment variables are the most of it."""

FORK_PATIENCE = 5.0
"""Seconds for one answer; a fork takes a few milliseconds."""


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
        try:
            process = Process(self.pid, lambda: self._zygote.reap(self.pid))
            socket.send_fds(self._orders, [data], [log.fileno(), *descriptors])
        except OSError as error:
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
        self._answers: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._reaped: dict[int, asyncio.Future[int | None]] = {}
        self._forking = asyncio.Lock()
        self.gone = False
        self.children: set[int] = set()
        asyncio.get_running_loop().add_reader(control, self._hear)

    async def prepared(self, patience: float) -> Mapping[str, Any]:
        """Return its first words: whether it is ready; raise TimeoutError where it says nothing."""
        async with asyncio.timeout(patience):
            return await self._answers.get()

    async def fork(self) -> Embryo:
        """Return a new fork; raise OSError or TimeoutError where it gives none."""
        async with self._forking:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                with theirs:
                    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1024 * 1024)
                    self._send({"do": "fork"}, [theirs.fileno()])
                async with asyncio.timeout(FORK_PATIENCE):
                    answer = await self._answers.get()
                if "forked" not in answer:
                    raise OSError("it has ended")
            except BaseException:
                ours.close()
                raise
            self.children.add(answer["forked"])
            return Embryo(answer["forked"], ours, self)

    async def reap(self, pid: int) -> int | None:
        """Return how a fork that has ended did so; None where nobody can tell any more."""
        self.children.discard(pid)
        if self.gone:
            return None
        answer: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._reaped[pid] = answer
        try:
            self._send({"do": "reap", "pid": pid})
            async with asyncio.timeout(FORK_PATIENCE):
                return await answer
        except (OSError, TimeoutError):
            return None
        finally:
            self._reaped.pop(pid, None)

    def bury(self, pid: int) -> None:
        """Have a fork reaped whose end nobody waits for."""
        self.children.discard(pid)
        with contextlib.suppress(OSError):
            self._send({"do": "reap", "pid": pid})

    def close(self) -> None:
        """Hear its last words and let it end; its forks live on."""
        while not self.gone and self._hear():
            pass
        if not self.gone:
            self._lost()

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
            waiting = self._reaped.get(message["reaped"])
            if waiting is not None and not waiting.done():
                waiting.set_result(message["code"])
        else:
            self._answers.put_nowait(message)
        return True

    def _lost(self) -> None:
        self.gone = True
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        self._answers.put_nowait({})
        for waiting in self._reaped.values():
            if not waiting.done():
                waiting.set_result(None)
