"""The manager's end of the line to its keeper."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from streamlit_controls.core.errors import ControllerError
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


def test_making_way_needs_a_keeper(tmp_path: Path) -> None:
    with linked(tmp_path) as (link, keeper):
        link.make_way()
        assert keeper.heard() == [("reload", None)]
        keeper.die()
        with pytest.raises(ControllerError, match="the keeper is just being replaced"):
            link.make_way()


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
        heard = [each for each in FakeKeeper(started[-1]).heard() if each[0] != "beat"]
        assert heard == [("store", "port:1"), ("store", "report:a"), ("ready", None)]
        if count == 1:
            started[-1].close()
    link.drop("port:1")
    assert FakeKeeper(started[-1]).heard()[-1] == ("drop", "port:1")
    end(link)
    started[-1].close()


@bounded
async def test_signs_of_life_do_not_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "BEAT", 0.01)
    with linked(tmp_path) as (link, keeper):
        link.watch(dict)
        heard: list[tuple[str, str | None]] = []
        while len(heard) < 5:
            heard += keeper.heard()
            await asyncio.sleep(0.005)
        assert set(heard) == {("beat", None)}
        end(link)


@bounded
async def test_a_keeper_that_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[float] = []
    started: list[socket.socket] = []

    def start(_: KeeperLink) -> socket.socket:
        tries.append(asyncio.get_running_loop().time())
        if len(tries) < 3:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        started.append(its)
        return mine

    monkeypatch.setattr(links, "PAUSE", 0.01)
    monkeypatch.setattr(links, "BEAT", 0.01)
    monkeypatch.setattr(KeeperLink, "_start_keeper", start)
    with linked(tmp_path) as (link, keeper):
        link.watch(dict)
        keeper.die()
        while not started:
            await asyncio.sleep(0.005)
        assert ("ready", None) in FakeKeeper(started[0]).heard()
        end(link)
        started[0].close()


@bounded
async def test_a_keeper_that_hangs_is_killed_and_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads nothing, until no more can be sent to it: what it lacks it could not hand on."""
    hangs = [sys.executable, "-c", "import time; time.sleep(600)"]
    started: list[tuple[subprocess.Popen[bytes], socket.socket]] = []

    def start(link: KeeperLink) -> socket.socket:
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mine.settimeout(links.PATIENCE)
        link._keeper = subprocess.Popen(hangs, pass_fds=[its.fileno()])
        started.append((link._keeper, its))
        if len(started) == 1:
            its.close()  # only that process has it
        return mine

    monkeypatch.setattr(links, "PAUSE", 0.01)
    monkeypatch.setattr(links, "PATIENCE", 0.2)
    monkeypatch.setattr(KeeperLink, "_start_keeper", start)
    with linked(tmp_path) as (link, keeper):
        link.watch(lambda: {"port:1": 0})
        keeper.die()
        while len(started) < 2:
            if started:
                link.drop("port:1")
            await asyncio.sleep(0)
        assert started[0][0].wait(20) == -signal.SIGKILL
        assert ("store", "port:1") in FakeKeeper(started[1][1]).heard()
        end(link)
        started[1][0].kill()
        started[1][0].wait(20)
        started[1][1].close()


def test_who_is_above_is_killed_only_if_it_is_a_keeper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    monkeypatch.setattr(links, "PATIENCE", 0.05)
    monkeypatch.setattr(os, "kill", lambda pid, _: killed.append(pid))
    with linked(tmp_path) as (link, _):
        for _ in range(2000):
            link.drop("port:1")
        assert killed == []
        monkeypatch.setattr(Path, "read_bytes", lambda _: b"python\0-m\0streamlit_controls.keeper")
        link._link.settimeout(0.05)
        link.drop("port:1")
        assert killed == [os.getppid()]


def end(link: KeeperLink) -> None:
    asyncio.get_running_loop().remove_reader(link._link)
    link._link.close()
