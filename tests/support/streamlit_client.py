"""A visitor without a browser: speaks Streamlit's own protocol over the websocket."""

import urllib.request
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

PATIENCE = 30.0
"""Seconds for one message."""


class StreamlitClient:
    """One session of a page: runs its script, moves its widgets, reads what it shows."""

    def __init__(self, page: str) -> None:
        """Open a session; `page` is an app's address, whose redirects are followed."""
        with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
            self.address: str = answer.url
            """The address of the instance that the session lives on."""
        stream = urljoin(self.address, "_stcore/stream").replace("http", "ws", 1)
        self._connection = connect(
            stream,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            open_timeout=PATIENCE,
            max_size=None,
        )
        self.session_id = ""
        self._widgets: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._socket = self._connection.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.__exit__(kind, error, trace)

    def run(self, sliders: Mapping[str, float] | None = None) -> list[str]:
        """Run the script, with sliders by label at these values; return the texts it shows."""
        message = BackMsg()
        message.rerun_script.query_string = ""
        for label, value in (sliders or {}).items():
            state = message.rerun_script.widget_states.widgets.add()
            state.id = self._widgets[label]
            state.double_array_value.data.append(value)
        self._socket.send(message.SerializeToString())
        return list(self._texts())

    def _texts(self) -> Iterator[str]:
        while True:
            data = self._socket.recv(timeout=PATIENCE)
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            match message.WhichOneof("type"):
                case "new_session":
                    self.session_id = message.new_session.initialize.session_id
                case "delta":
                    yield from self._element(message)
                case "script_finished":
                    return

    def _element(self, message: ForwardMsg) -> Iterator[str]:
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "markdown":
                yield element.markdown.body
            case "exception":
                yield f"{element.exception.type}: {element.exception.message}"
            case "slider":
                self._widgets[element.slider.label] = element.slider.id
