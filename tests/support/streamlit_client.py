"""A visitor without a browser: speaks Streamlit's own protocol over the websocket."""

import urllib.request
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

PATIENCE = 30.0
"""Seconds for one message."""


class StreamlitClient:
    """One session of a page: runs its script, moves its widgets, reads what it shows."""

    def __init__(self, page: str, session_id: str = "") -> None:
        """Open a session; `page` is an app's address, whose redirects are followed.

        `session_id` is that of a session whose connection ended, to go on with it.
        """
        with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
            self.address: str = answer.url
            """The address of the instance that the session lives on."""
        stream = urljoin(self.address, "_stcore/stream").replace("http", "ws", 1)
        subprotocols = ["streamlit", *(["no-token", session_id] if session_id else [])]
        self._connection = connect(
            stream,
            subprotocols=subprotocols,  # type: ignore[arg-type]
            open_timeout=PATIENCE,
            max_size=None,
        )
        self.session_id = ""
        self.pages: dict[str, str] = {}
        """The app's pages: the page's hash by the last part of its address."""
        self.fragment = ""
        """The part of the page that ran last by itself, or could."""
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

    def run(self, sliders: Mapping[str, float] | None = None, **more: str) -> list[str]:
        """Run the script, with sliders by label at these values; return the texts it shows.

        `more` are fields of Streamlit's message: `query_string`, `page_script_hash`, `fragment_id`.
        """
        return [text for element in self.elements(sliders, **more) if (text := _text(element))]

    def elements(self, sliders: Mapping[str, float] | None = None, **more: str) -> list[Element]:
        """Run the script in the same way; return all that it shows."""
        self.begin(sliders, **more)
        return list(self._elements())

    def begin(self, sliders: Mapping[str, float] | None = None, **more: str) -> None:
        """Have the script run in the same way, and wait for nothing."""
        message = BackMsg()
        message.rerun_script.query_string = ""
        for label, value in (sliders or {}).items():
            state = message.rerun_script.widget_states.widgets.add()
            state.id = self._widgets[label]
            state.double_array_value.data.append(value)
        for name, said in more.items():
            setattr(message.rerun_script, name, said)
        self._socket.send(message.SerializeToString())

    def _elements(self) -> Iterator[Element]:
        while True:
            data = self._socket.recv(timeout=PATIENCE)
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            match message.WhichOneof("type"):
                case "new_session":
                    self.session_id = message.new_session.initialize.session_id
                case "navigation":
                    for page in message.navigation.app_pages:
                        self.pages[page.url_pathname] = page.page_script_hash
                case "delta" if message.delta.HasField("new_element"):
                    self.fragment = message.delta.fragment_id or self.fragment
                    element = message.delta.new_element
                    if element.WhichOneof("type") == "slider":
                        self._widgets[element.slider.label] = element.slider.id
                    yield element
                case "script_finished":
                    return


def _text(element: Element) -> str:
    match element.WhichOneof("type"):
        case "markdown":
            return element.markdown.body
        case "text":
            return element.text.body
        case "exception":
            return f"{element.exception.type}: {element.exception.message}"
    return ""
