"""A visitor without a browser, the same for all contenders: asks for what a browser asks for."""

import http.client
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from benchmarks.sample import Kind

PATIENCE = 120.0
"""Seconds until a page has to be there."""
KNOCK = 0.005
"""Seconds between two tries to connect to a port where nobody listens yet."""
RETRY = 0.02
"""Seconds between two tries where somebody answers, but not with the page."""
BROWSER = {"Accept": "text/html,*/*", "Accept-Encoding": "identity", "Connection": "keep-alive"}


class NotThere(Exception):
    """Somebody answers, but not yet with a page of Streamlit's."""


class WrongContent(Exception):
    """The page shows something else than it should; such a measurement is worth nothing."""


class Visitor:
    """One session of a page."""

    def __init__(self, page: str, kind: Kind) -> None:
        self._page = page
        self._kind = kind
        self._socket: ClientConnection | None = None
        self._slider = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def first_render(self) -> float:
        """Open the page, try until it is there; return the seconds until all of it was shown."""
        began = time.perf_counter()
        while True:
            try:
                self._open()
                self._run(None)
                return time.perf_counter() - began
            except (NotThere, OSError, http.client.HTTPException, WebSocketException) as error:
                if time.perf_counter() - began > PATIENCE:
                    raise TimeoutError(f"{self._page} is not there") from error
                pause = KNOCK if isinstance(error, ConnectionRefusedError) else RETRY
            self.close()
            time.sleep(pause)

    def rerun(self, value: int) -> float:
        """Move the slider; return the seconds until the script has shown the new value."""
        began = time.perf_counter()
        self._run(value)
        return time.perf_counter() - began

    def close(self) -> None:
        """End the session."""
        if self._socket is not None:
            with suppress(OSError, WebSocketException):
                self._socket.close()
            self._socket = None

    def _open(self) -> None:
        connection = Connection(self._page)
        try:
            body = connection.get(self._page)
            if b'id="root"' not in body or b"Streamlit" not in body:
                raise NotThere("another page")
            address = connection.address
            for path in ("_stcore/health", "_stcore/host-config"):
                connection.get(urljoin(address, path))
        finally:
            connection.close()
        stream = urljoin(address, "_stcore/stream").replace("http", "ws", 1)
        self._socket = connect(
            stream,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            open_timeout=PATIENCE,
            max_size=None,
            proxy=None,
        )

    def _run(self, value: int | None) -> None:
        assert self._socket is not None
        message = BackMsg()
        message.rerun_script.query_string = ""
        if value is not None:
            state = message.rerun_script.widget_states.widgets.add()
            state.id = self._slider
            state.double_array_value.data.append(value)
        self._socket.send(message.SerializeToString())
        kinds, texts = set(), set()
        for kind, text in self._elements(self._socket):
            kinds.add(kind)
            texts.add(text)
        expected = self._kind.text(self._kind.start if value is None else value)
        if not self._kind.elements <= kinds or expected not in texts:
            raise WrongContent(f"{self._page} shows {sorted(kinds)}, {sorted(texts)}")

    def _elements(self, socket: ClientConnection) -> Iterator[tuple[str, str]]:
        while True:
            data = socket.recv(timeout=PATIENCE)
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            match message.WhichOneof("type"):
                case "delta":
                    element = message.delta.new_element
                    kind = element.WhichOneof("type") or ""
                    if kind == "slider":
                        self._slider = element.slider.id
                    yield kind, element.markdown.body if kind == "markdown" else ""
                case "script_finished":
                    if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                        raise WrongContent(f"{self._page}: the script did not finish")
                    return


class Connection:
    """A connection that is kept open, and follows redirects on the same host."""

    def __init__(self, address: str) -> None:
        host = urlsplit(address).netloc
        self.address = address
        """Where the last page was found."""
        self._connection = http.client.HTTPConnection(host, timeout=PATIENCE)
        self._connection.connect()

    def get(self, address: str) -> bytes:
        """Return the body of a page; raise what is no success."""
        for _ in range(5):
            parts = urlsplit(address)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            self._connection.request("GET", target, headers=BROWSER)
            answer = self._connection.getresponse()
            body = answer.read()
            if answer.status in (301, 302, 303, 307, 308):
                address = urljoin(address, answer.headers["Location"])
                continue
            if answer.status != 200:
                raise NotThere(f"{address}: {answer.status}")
            self.address = address
            return body
        raise NotThere(f"{address}: too many redirects")

    def close(self) -> None:
        """Close it."""
        self._connection.close()
