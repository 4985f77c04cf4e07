"""The manager's end of the line to its keeper."""

import asyncio
import json
import os
import socket
from pathlib import Path

import pytest

from streamlit_controls.manager import link as links
from streamlit_controls.manager.link import KeeperLink
from tests.manager.keeper_link import FakeKeeper, linked
from tests.support.asynchronous import bounded


def test_what_a_predecessor_stored_comes_back(tmp_path: Path) -> None:
    read, write = os.pipe()
    with linked(tmp_path, {"report:a": read, "port:1": write}) as (link, _):
        assert set(link.inherited) == {"report:a", "port:1"}
        assert not any(os.get_inheritable(each) for each in link.inherited.values())
        os.write(link.inherited["port:1"], b"x")
        assert os.read(link.inherited["report:a"], 1) == b"x"
    os.close(read)
    os.close(write)


def test_a_keeper_that_dies_at_once_leaves_nothing_to_inherit(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.close()
    with ours:
        assert KeeperLink(tmp_path, ours).inherited == {}


def test_messages(tmp_path: Path) -> None:
    with linked(tmp_path) as (link, keeper):
        link.store("port:1", 0)
        link.drop("port:1")
        link.ready()
        link.leave()
        assert keeper.heard() == [
            ("store", "port:1"),
            ("drop", "port:1"),
            ("ready", None),
            ("leave", None),
        ]


def test_without_a_keeper_nothing_happens(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.send(b'{"name": null}')
    link = KeeperLink(tmp_path, ours)
    theirs.close()
    link.store("port:1", 0)
    ours.close()
    link.drop("port:1")
    link.leave()


@bounded
async def test_a_dead_keeper_is_replaced_and_told_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[socket.socket] = []

    def start(_: KeeperLink) -> socket.socket:
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        started.append(its)
        return mine

    monkeypatch.setattr(links, "PAUSE", 0.01)
    monkeypatch.setattr(KeeperLink, "_start_keeper", start)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.send(json.dumps({"name": None}).encode())
    link = KeeperLink(tmp_path, ours)
    link.watch(lambda: {"port:1": 0, "report:a": 0})
    theirs.close()
    for count in (1, 2):
        while len(started) < count:
            await asyncio.sleep(0.005)
        heard = FakeKeeper(started[-1]).heard()
        assert heard == [("store", "port:1"), ("store", "report:a"), ("ready", None)]
        if count == 1:
            started[-1].close()
    link.drop("port:1")
    assert FakeKeeper(started[-1]).heard() == [("drop", "port:1")]
    asyncio.get_running_loop().remove_reader(link._link)
    link._link.close()
    started[-1].close()
