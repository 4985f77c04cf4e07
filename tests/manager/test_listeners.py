"""Listening sockets: opened, inherited, taken by somebody else."""

import os
import socket
from pathlib import Path

import psutil
import pytest

from streamlit_controls.core.errors import LaunchError
from streamlit_controls.manager.listeners import Listeners, listen
from tests.manager.keeper_link import linked
from tests.support.ports import free_port


def connects(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as client:
        client.settimeout(5)
        return client.connect_ex((host, port)) == 0


def test_open_and_close(tmp_path: Path) -> None:
    port = free_port()
    with linked(tmp_path) as (link, keeper):
        made = Listeners(link)
        listener = made.open(port)
        assert listener.getsockname() == ("127.0.0.1", port)
        assert made.open(port) is listener
        assert connects(port)
        assert made.stored() == {f"port:{port}": listener.fileno()}
        made.close(port)
        made.close(port)
        assert keeper.heard() == [("store", f"port:{port}"), ("drop", f"port:{port}")]
        assert not connects(port)
        assert made.stored() == {}


def test_any_free_port(tmp_path: Path) -> None:
    with linked(tmp_path) as (link, keeper):
        made = Listeners(link)
        first, second = made.open(0), made.open(0)
        ports = [first.getsockname()[1], second.getsockname()[1]]
        assert len(set(ports)) == 2
        assert keeper.heard() == [("store", f"port:{port}") for port in ports]
        for port in ports:
            made.close(port)


def test_small_answers_do_not_wait(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        assert not listener.getblocking()
        assert not listener.get_inheritable()


def test_another_host_is_another_socket(tmp_path: Path) -> None:
    port = free_port()
    with linked(tmp_path) as (link, _):
        made = Listeners(link)
        first = made.open(port)
        second = made.open(port, "127.0.0.2")
        assert first.fileno() == -1
        assert second.getsockname() == ("127.0.0.2", port)
        assert made.open(port, "127.0.0.2") is second
        made.close(port)


def test_a_name_is_its_address(tmp_path: Path) -> None:
    port = free_port()
    with linked(tmp_path) as (link, _):
        made = Listeners(link)
        listener = made.open(port)
        assert made.open(port, "localhost") is listener
        made.close(port)


def test_a_successor_gets_them_back(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as original:
        port = original.getsockname()[1]
        inherited = {f"port:{port}": original.fileno(), "report:abc": original.fileno()}
        with linked(tmp_path, inherited) as (link, keeper):
            original.close()
            assert connects(port)
            made = Listeners(link)
            assert set(link.inherited) == {"report:abc"}
            listener = made.open(port)
            assert listener.getsockname()[1] == port
            assert keeper.heard() == []
            made.close(port)
            assert not os.get_inheritable(link.inherited["report:abc"])


def test_a_port_that_is_taken_says_by_whom() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        with pytest.raises(LaunchError) as caught:
            listen("127.0.0.1", port)
    name = psutil.Process().name()
    assert caught.value.message == f"port {port} is taken by {name}, pid {os.getpid()}"
    assert caught.value.hint == "stop that program or choose another port"


def test_where_nobody_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: str) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refused)
    with listen("127.0.0.1", 0) as other, pytest.raises(LaunchError) as caught:
        listen("127.0.0.1", other.getsockname()[1])
    assert caught.value.message.endswith("is taken by another program")


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_no_address_of_this_machine(host: str) -> None:
    with pytest.raises(LaunchError) as caught:
        listen(host, 0)
    assert caught.value.message == f"{host} is no address of this machine"
    assert caught.value.hint == "correct host in config.json"


def test_too_few_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refused)
    with pytest.raises(LaunchError, match="port 80 needs more rights"):
        listen("127.0.0.1", 80)


def test_a_socket_is_copied_from_the_process_that_serves_it(tmp_path: Path) -> None:
    theirs = socket.create_server(("127.0.0.1", 0))
    port = theirs.getsockname()[1]
    with theirs, linked(tmp_path) as (link, keeper):
        made = Listeners(link)
        assert made.recover(port, os.getpid())
        assert made.open(port).getsockname() == theirs.getsockname()
        assert made.recover(port, os.getpid())
        assert keeper.heard() == [("store", f"port:{port}")]
        made.close(port)
    assert not connects(port)


def test_what_cannot_be_copied_is_left_alone(tmp_path: Path) -> None:
    with linked(tmp_path) as (link, keeper):
        made = Listeners(link)
        assert not made.recover(free_port(), os.getpid())
        assert made.stored() == {}
        assert keeper.heard() == []


def test_a_port_that_a_connection_holds_is_nobody_s_to_stop(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as server, socket.socket() as client:
        client.connect(server.getsockname())
        port = client.getsockname()[1]
        with pytest.raises(LaunchError) as raised:
            listen("127.0.0.1", port)
    assert raised.value.message == f"port {port} is taken by a connection for the moment"
    assert "refresh" in raised.value.hint
