"""The one client of the control protocol: the controller and the site use it."""

import json
import socket
from collections.abc import Iterator
from typing import Any

from streamlit_controls.core import protocol
from streamlit_controls.core.errors import ManagerNotRunning, ProtocolError, RemoteError
from streamlit_controls.core.protocol import Message
from streamlit_controls.project import Project

CONNECT_TIMEOUT = 5.0
"""Seconds until a manager that does not take the connection counts as gone."""

REPLY_TIMEOUT = 2400.0
"""Seconds of silence after which a command gives up; building an environment is the longest."""

STATUS_TIMEOUT = 15.0
"""The same for `status`, which waits for nothing."""


class ManagerSilent(ManagerNotRunning):
    """Whoever has the control port takes its time."""


class ManagerHidden(ManagerNotRunning):
    """Whether there is a manager is for another account to know."""


class ManagerLost(ManagerNotRunning):
    """The manager went away while it was at a request."""

    def __init__(self) -> None:
        super().__init__(
            "the manager went away before it answered",
            "./streamlit_controller logs controller has the reason; what was asked for may go on: "
            "see ./streamlit_controller status",
        )


class Client:
    """Speaks to the manager of one project; each call is a connection of its own."""

    def __init__(self, address: tuple[str, int], token: str) -> None:
        self.address = address
        self.token = token

    @classmethod
    def for_project(cls, project: Project) -> "Client":
        """Return a client for the project's manager; raise ManagerNotRunning where none runs."""
        try:
            host, _, port = project.address_file.read_text().strip().rpartition(":")
            token = project.token_file.read_text().strip()
            return cls((host, int(port)), token)
        except (FileNotFoundError, ValueError) as error:
            raise _not_running() from error
        except PermissionError as error:
            raise ManagerHidden(
                f"{project.run} cannot be read", "use the account that started it"
            ) from error

    def call(self, verb: str, **args: object) -> Iterator[Message]:
        """Yield the progress messages of a command and, last, its reply."""
        for message in self._lines(
            verb, args, STATUS_TIMEOUT if verb == "status" else REPLY_TIMEOUT
        ):
            yield message
            if message.get("type") == "reply":
                return
        raise ManagerLost

    def request(self, verb: str, **args: object) -> dict[str, Any]:
        """Return the result of a command; raise RemoteError where it failed."""
        *_, last = self.call(verb, **args)
        if not last["ok"]:
            raise RemoteError(last["error"], last.get("result"))
        result: dict[str, Any] = last["result"]
        return result

    def watch(self) -> Iterator[dict[str, Any]]:
        """Yield the snapshot now and after each change; end when the manager goes."""
        for message in self._lines("watch", {}, None):
            if message.get("type") == "reply":
                raise RemoteError(message["error"])
            yield message["snapshot"]

    def _lines(
        self, verb: str, args: dict[str, object], timeout: float | None
    ) -> Iterator[Message]:
        try:
            with socket.create_connection(self.address, timeout=CONNECT_TIMEOUT) as connection:
                connection.settimeout(timeout)
                connection.sendall(protocol.encode(protocol.request(self.token, verb, args)))
                with connection.makefile("rb") as lines:
                    for line in lines:
                        yield _parse(line)
        except ConnectionRefusedError as error:
            raise _not_running() from error
        except TimeoutError as error:
            raise ManagerSilent(
                "the manager does not answer", "./streamlit_controller logs controller may tell why"
            ) from error
        except ConnectionError as error:
            raise ManagerLost from error


def _parse(line: bytes) -> Message:
    if not line.endswith(b"\n"):
        raise ManagerLost
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ProtocolError("whoever answers on the control port is not the manager") from error
    if not isinstance(message, dict) or "type" not in message:
        raise ProtocolError("whoever answers on the control port is not the manager")
    return message


def _not_running() -> ManagerNotRunning:
    return ManagerNotRunning(
        "Streamlit Controller is not running", "start it with ./streamlit_controller start"
    )
