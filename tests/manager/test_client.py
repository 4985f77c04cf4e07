"""The client of the control protocol, against good and bad managers."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamlit_controls import client as clients
from streamlit_controls.client import Client
from streamlit_controls.core.errors import ManagerNotRunning, ProtocolError, RemoteError
from streamlit_controls.project import Project
from tests.support.ports import free_port
from tests.support.projects import make_project
from tests.support.servers import silent_listener

REPLY = b'{"type": "reply", "ok": true, "result": {"stopped": 3}}\n'
PROGRESS = b'{"type": "progress", "app": "hello", "state": "running", "message": "ready"}\n'
ERROR = (
    b'{"type": "reply", "ok": false, "error": {"code": "unknown-app", "message": "no", "hint": "h",'
    b' "exit_code": 2}, "result": {"apps": {}}}\n'
)


@contextlib.contextmanager
def manager(said: bytes) -> Iterator[tuple[Client, list[bytes]]]:
    """Answer one connection with these bytes and close it."""
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            with connection.makefile("rb") as lines:
                heard.append(lines.readline())
            connection.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield Client(listener.getsockname(), "the-token"), heard
        thread.join(20)
        assert not thread.is_alive()


def test_a_request() -> None:
    with manager(PROGRESS + REPLY) as (client, heard):
        assert client.request("restart", app="hello") == {"stopped": 3}
    assert heard == [b'{"token":"the-token","verb":"restart","args":{"app":"hello"}}\n']


def test_each_message_as_it_comes() -> None:
    with manager(PROGRESS + PROGRESS + REPLY + b"not read any more") as (client, _):
        assert [message["type"] for message in client.call("start")] == [
            "progress",
            "progress",
            "reply",
        ]


def test_a_failure() -> None:
    with manager(ERROR) as (client, _), pytest.raises(RemoteError) as caught:
        client.request("restart", app="x")
    error = caught.value
    assert (error.code, error.message, error.hint, error.exit_code) == ("unknown-app", "no", "h", 2)
    assert error.result == {"apps": {}}


def test_watch_ends_with_the_manager() -> None:
    snapshots = b'{"type": "snapshot", "snapshot": {"apps": {}}}\n' * 2
    with manager(snapshots) as (client, _):
        assert list(client.watch()) == [{"apps": {}}, {"apps": {}}]


def test_watch_is_refused() -> None:
    with manager(ERROR) as (client, _), pytest.raises(RemoteError):
        next(client.watch())


@pytest.mark.parametrize("said", [b"", PROGRESS, PROGRESS[:20], PROGRESS + REPLY[:-1]])
def test_gone_before_it_answered(said: bytes) -> None:
    with manager(said) as (client, _), pytest.raises(ManagerNotRunning) as caught:
        client.request("status")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n", b"[]\n", b"{}\n", b"\xff\n"])
def test_somebody_else(said: bytes) -> None:
    with manager(said) as (client, _), pytest.raises(ProtocolError, match="is not the manager"):
        client.request("status")


def test_nobody() -> None:
    with pytest.raises(ManagerNotRunning, match="is not running"):
        Client(("127.0.0.1", free_port()), "t").request("status")


def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "STATUS_TIMEOUT", 0.05)
    with silent_listener() as listener, pytest.raises(ManagerNotRunning, match="does not answer"):
        Client(listener.getsockname(), "t").request("status")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


def test_of_a_project(project: Project) -> None:
    project.token_file.write_text("the-token\n")
    project.address_file.write_text("127.0.0.1:8499\n")
    client = Client.for_project(project)
    assert (client.address, client.token) == (("127.0.0.1", 8499), "the-token")


@pytest.mark.parametrize("address", [None, "", "127.0.0.1", "127.0.0.1:x", "\0"])
def test_of_a_project_without_a_manager(project: Project, address: str | None) -> None:
    project.token_file.write_text("the-token\n")
    if address is not None:
        project.address_file.write_text(address)
    with pytest.raises(ManagerNotRunning):
        Client.for_project(project)
