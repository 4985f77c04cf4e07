"""One open tab: a session of a page, its reruns, and what becomes of both."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.faults.asking import Wire

SAID = re.compile(r"run (\d+) value (\d+) pid (\d+)")
"""What a page says: see `scripts.COUNTER`."""

PATIENCE = 60.0
"""Seconds for one answer, and until a tab whose connection broke has to be back."""

KNOCK, LONGEST_KNOCK = 0.1, 1.0
"""Seconds between two tries to come back: at first, and at most."""

WHILE_AWAY = (ConnectionError, EOFError, OSError, TimeoutError, WebSocketException)


class Wrong(Exception):
    """A run showed what it should not."""


@dataclass(frozen=True)
class Break:
    """One time that a tab's connection was closed by the other side."""

    app: str
    at: float
    why: str
    pid: int
    """The process that the tab was on."""
    back_at: float | None = None
    """When it had run again; None where it never did."""
    resumed: bool = False
    """Whether its session was still there then, or the tab lives on with a new one."""


@dataclass(eq=False)
class Tab:
    """A visitor's tab, which does as Streamlit's client does, and remembers what befell it."""

    page: str
    """The app's address, whose redirects are followed."""
    app: str
    breaks: list[Break] = field(default_factory=list)
    runs: int = 0
    slowest: float = 0.0
    """The longest run, in seconds; where the connection broke, with the time that this took."""
    pid: int = 0
    """The process that its last run was in."""

    def __post_init__(self) -> None:
        self.address = ""
        """The address of the instance that it was opened on; a tab keeps it."""
        self.session = ""
        self.wrong: str | None = None
        """What is wrong beyond repair: it showed what it should not, or came back no more."""
        self._slider = ""
        self._value = 7
        self._count = 0
        self._socket: ClientConnection | None = None

    async def open(self) -> None:
        """Load the page, connect, and run for the first time."""
        async with asyncio.timeout(PATIENCE):
            self.address = await _landing(self.page)
            await self._connect()
            await self._run(None)

    async def rerun(self) -> None:
        """Move the slider one on; where the connection is broken, come back first."""
        began = time.monotonic()
        self._value = self._value % 100 + 1
        try:
            async with asyncio.timeout(PATIENCE):
                await self._run(self._value)
        except WHILE_AWAY as error:
            await self._come_back(began, f"{type(error).__name__}: {error}")
        self.slowest = max(self.slowest, time.monotonic() - began)

    async def idle(self, seconds: float) -> None:
        """Let time pass; come back at once where the connection breaks meanwhile."""
        assert self._socket is not None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self._socket.recv()
        except TimeoutError:
            return
        except WHILE_AWAY as error:
            await self._come_back(time.monotonic(), f"{type(error).__name__}: {error}")

    async def close(self) -> None:
        """Close the tab."""
        if self._socket is not None:
            socket, self._socket = self._socket, None
            await socket.close()

    async def _come_back(self, began: float, why: str) -> None:
        """Ask whether the server is there, connect with the session's id, run: as a browser does.

        The address is that of the instance on which the tab was opened, there or not.
        """
        broke = Break(self.app, began, why, self.pid)
        before, pause = self._count, KNOCK
        end = time.monotonic() + PATIENCE
        while True:
            try:
                async with asyncio.timeout(max(0.1, end - time.monotonic())):
                    await self._ping()
                    await self._connect()
                    await self._run(self._value, after_break=True)
                break
            except WHILE_AWAY as error:
                if time.monotonic() > end:
                    self.breaks.append(broke)
                    raise Wrong(f"did not come back within {PATIENCE:.0f} s: {error!r}") from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_KNOCK)
        resumed = self._count > before
        self.breaks.append(Break(self.app, began, why, broke.pid, time.monotonic(), resumed))

    async def _ping(self) -> None:
        wire = Wire(self.address)
        try:
            for path in ("_stcore/health", "_stcore/host-config"):
                url = urljoin(self.address, path)
                answer = await wire.get(urlsplit(url).path, Referer=self.address)
                if answer.status != 200:
                    raise ConnectionError(f"{path}: {answer.status}")
        finally:
            wire.close()

    async def _connect(self) -> None:
        await self.close()
        stream = urljoin(self.address, "_stcore/stream").replace("http", "ws", 1)
        known = [self.session] if self.session else []
        self._socket = await connect(
            stream,
            subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN", *known],  # type: ignore[list-item]
            open_timeout=PATIENCE,
            ping_interval=None,
            compression=None,
            max_size=None,
            proxy=None,
        )

    async def _run(self, value: int | None, *, after_break: bool = False) -> None:
        """Run the script once and check what it shows."""
        assert self._socket is not None
        message = BackMsg()
        message.rerun_script.query_string = ""
        if value is not None:
            state = message.rerun_script.widget_states.widgets.add()
            state.id = self._slider
            state.double_array_value.data.append(value)
        await self._socket.send(message.SerializeToString())
        count, seen, pid = await self._shown(self._socket)
        # A run that the break cut short may have counted, or not.
        expected = (
            {1, *range(self._count + 1, self._count + 3)} if after_break else {self._count + 1}
        )
        if count not in expected or seen != (7 if value is None else value):
            self._count = count
            raise Wrong(f"run {count} with {seen} in pid {pid}, not {expected} with {value}")
        self._count, self.pid = count, pid
        self.runs += 1

    async def _shown(self, socket: ClientConnection) -> tuple[int, int, int]:
        shown: tuple[int, int, int] | None = None
        while True:
            data = await socket.recv()
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            match message.WhichOneof("type"):
                case "new_session":
                    self.session = message.new_session.initialize.session_id
                case "delta" if message.delta.HasField("new_element"):
                    element = message.delta.new_element
                    kind = element.WhichOneof("type")
                    if kind == "slider":
                        self._slider = element.slider.id
                    elif kind == "markdown" and (found := SAID.search(element.markdown.body)):
                        shown = (int(found[1]), int(found[2]), int(found[3]))
                    elif kind == "exception":
                        raise Wrong(f"{element.exception.type}: {element.exception.message}")
                case "script_finished":
                    if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                        if shown is None:
                            raise Wrong("a run that shows nothing")
                        return shown


async def _landing(page: str) -> str:
    """Return where a page's redirects lead; raise Wrong where there is no page."""
    wire = Wire(page)
    try:
        answer = await wire.follow(urlsplit(page).path, Accept="text/html")
    finally:
        wire.close()
    if answer.status != 200:
        raise Wrong(f"{page} answers {answer.status}")
    return urljoin(page, answer.path)
