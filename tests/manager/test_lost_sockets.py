"""Sockets whose copies are lost: manager and keeper were killed at once, and none can be had."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls.core.lifecycle import State as A
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.unit import Kind
from streamlit_controls.manager import listeners as listening
from streamlit_controls.manager.engine import LocalEngine
from streamlit_controls.manager.listeners import Listeners
from streamlit_controls.manager.process import birth
from streamlit_controls.manager.upstreams import Upstreams
from streamlit_controls.project import Project
from tests.manager.fake_engine import World
from tests.manager.keeper_link import linked
from tests.support.asynchronous import bounded
from tests.support.samples import instance, replica, unit

SERVICE = unit("hello.api", Kind.ASGI, 8502, drain_timeout=600)
PAGE = unit("hello", drain_timeout=600)
WAITS = [sys.executable, "-c", "import time; time.sleep(600)"]


def adopted(*alone: str) -> World:
    """A manager that took over a page and a service."""
    it = World(PAGE, SERVICE)
    it.engine.alone = set(alone)
    it.reconciler.wish(it.units, it.wishes())
    it.reconciler.restore(
        (
            replica(number=1, instance=instance("page")),
            replica(number=2, unit="hello.api", port=8502, instance=instance("api", 8502)),
        )
    )
    it.happen()
    return it


def test_a_service_whose_socket_is_its_alone_ends_before_its_successor_starts() -> None:
    it = adopted("hello.api")
    it.restart("hello.api")
    assert it.states() == {1: A.RUNNING, 2: A.DRAINING}
    assert it.heard("terminate") == [2], "it is ended, not waited for"
    it.exited(2)
    assert it.states() == {1: A.RUNNING, 3: A.BUILDING}
    it.up(3)
    assert not it.instance(3).keeps_socket
    it.restart("hello.api")
    assert it.states() == {1: A.RUNNING, 3: A.RUNNING, 4: A.BUILDING}, "beside it, as ever"


def test_others_are_replaced_as_ever() -> None:
    it = adopted("hello.api")
    it.restart("hello")
    assert it.states() == {1: A.RUNNING, 2: A.RUNNING, 3: A.BUILDING}


def test_where_the_socket_was_had_it_is_replaced_as_ever() -> None:
    it = adopted()
    it.restart("hello.api")
    assert it.states() == {1: A.RUNNING, 2: A.RUNNING, 3: A.BUILDING}


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    """The replica of a service whose process alone has its socket."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen(WAITS, pass_fds=[listener.fileno()], start_new_session=True)
    made = instance("api", port, pid=process.pid, birth=birth(process.pid))
    yield replica(number=2, unit="hello.api", port=port, instance=made)
    process.kill()
    process.wait(20)


@bounded
async def test_the_engine_tells_whether_it_could_have_a_copy(
    tmp_path: Path, served: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert adopt(tmp_path, served).keeps_socket is False

    def denied(_pid: int, _descriptor: int) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(listening, "copy_descriptor", denied)
    assert adopt(tmp_path, served).keeps_socket is True
    # It has left its socket to its successors, and may stay for who is with it.
    drains = replace(served, state=A.DRAINING, drains_until=1e9)
    assert adopt(tmp_path, drains).keeps_socket is False


def adopt(folder: Path, served: Replica) -> Any:
    """Return the instance as a new manager took it over, without looking after it for long."""
    project = Project(folder)
    with linked(folder) as (link, _):
        listeners = Listeners(link)
        nothing: Any = None
        engine = LocalEngine(
            project,
            link,
            listeners,
            Upstreams(project.run, link),
            nothing,
            nothing,
            nothing,
            lambda _: None,
            nothing,
        )
        engine._background = lambda work: work.close()  # type: ignore[method-assign]
        found = engine.adopt(served, SERVICE)
        assert found is not None
        for running in engine._running.values():
            running.process.close()
        listeners.close(served.port)
        return found.instance
