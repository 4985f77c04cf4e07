"""The gateway is told its routes, by a fake admin socket and by a real Caddy."""

import asyncio
import contextlib
import errno
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls.core import routes
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.replica import Replica
from streamlit_controls.core.snapshot import Snapshot
from streamlit_controls.manager import gateway
from streamlit_controls.manager.board import Board
from streamlit_controls.manager.gateway import Gateway
from streamlit_controls.manager.reserve import Reserve
from streamlit_controls.project import Project
from tests.support.asynchronous import bounded
from tests.support.projects import make_project
from tests.support.samples import instance, replica, snapshot
from tests.support.servers import http_server

HELLO: dict[str, Any] = {"apps": {"hello": {}}}
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
NO = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nno such module"


def caddy(name: str = "gw2222") -> Replica:
    return replica(number=90, unit="@gateway", port=5000, instance=instance(name, 5000))


def taken(*replicas: Replica) -> Snapshot:
    return snapshot(HELLO, *replicas)


class Admin:
    """Takes configurations, or refuses them."""

    def __init__(self) -> None:
        self.loaded: list[object] = []
        self.answer: bytes | None = OK

    async def __call__(self, data: bytes) -> bytes | None:
        head, _, body = data.partition(b"\r\n\r\n")
        assert head.startswith(b"POST /load HTTP/1.1\r\n")
        self.loaded.append(json.loads(body))
        return self.answer


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path, HELLO)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gateway, "RETRY_PAUSE", 0.01)
    return made


@contextlib.asynccontextmanager
async def working(project: Project) -> AsyncIterator[tuple[Gateway, Board]]:
    board = Board(taken())
    made = Gateway(project, board)
    made.write(board.snapshot)
    task = asyncio.create_task(made.run())
    try:
        yield made, board
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def publish(made: Gateway, board: Board, snapshot: Snapshot) -> None:
    board.publish(snapshot)
    made.write(snapshot)


@bounded
async def test_what_it_starts_with_is_in_its_file(project: Project) -> None:
    async with working(project):
        file = project.run / "gateway.json"
        assert json.loads(file.read_text()) == routes.gateway(taken())
        assert file.stat().st_mode & 0o777 == 0o600


def older(port: int) -> Replica:
    """Return a page that binds its port by itself, which the routes must name."""
    return replica(port=port, instance=instance("old222", port, binds_itself=True))


@bounded
async def test_each_change_is_loaded(project: Project) -> None:
    admin = Admin()
    async with http_server(admin, project.gateway_socket), working(project) as (made, board):
        for each in (taken(caddy()), taken(caddy(), older(8501)), taken(caddy(), older(8777))):
            publish(made, board, each)
            await made.settled()
            assert admin.loaded[-1] == routes.gateway(each)
        assert len(admin.loaded) == 3


@bounded
async def test_what_starts_and_ends_is_no_new_configuration(project: Project) -> None:
    """It would cut off whoever connects in that moment."""
    admin = Admin()
    async with http_server(admin, project.gateway_socket), working(project) as (made, board):
        for each in (taken(caddy()), taken(caddy(), replica()), taken(caddy())):
            publish(made, board, each)
            await made.settled()
        assert len(admin.loaded) == 1


@bounded
async def test_where_new_visitors_go_is_in_files(project: Project) -> None:
    def current() -> dict[str, str]:
        return {path.parent.name: path.name for path in (project.run / "current").glob("*/*")}

    async with working(project) as (made, board):
        assert current() == {}
        publish(made, board, taken(replica(instance=instance("one222"))))
        assert current() == {"hello": "one222"}
        publish(made, board, taken(replica(instance=instance("two222"))))
        assert current() == {"hello": "two222"}
        publish(made, board, taken())
        assert current() == {}


def test_what_cannot_be_written_keeps_nothing_else_from_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again the next time, changed or not."""
    document: dict[str, Any] = {"apps": {"hello": {}, "other": {}}}
    made = Gateway(project, Board(snapshot(document)))
    two = snapshot(
        document,
        replica(instance=instance("one222")),
        replica(number=2, unit="other", port=8502, instance=instance("two222", 8502)),
    )
    write, touch, broken = Reserve.write, Path.touch, {"current/hello/one222", "gateway.json"}

    def refuse(path: Path) -> None:
        if str(path.relative_to(project.run)) in broken:
            raise OSError(errno.EIO, "Input/output error", str(path))

    def some_texts(self: Reserve, path: Path, text: str, **more: Any) -> None:
        refuse(path)
        write(self, path, text, **more)

    def some_files(path: Path, *more: Any) -> None:
        refuse(path)
        touch(path, *more)

    monkeypatch.setattr(Reserve, "write", some_texts)
    monkeypatch.setattr(Path, "touch", some_files)
    with pytest.raises(OSError, match="current/hello"):
        made.write(two)
    assert (project.run / "current/other/two222").exists()
    assert (project.run / "reattach/hello/one222").exists()
    broken.remove("current/hello/one222")
    with pytest.raises(OSError, match=r"gateway\.json"):
        made.write(two)
    assert (project.run / "current/hello/one222").exists()
    broken.clear()
    made.write(two)
    assert json.loads((project.run / "gateway.json").read_text()) == routes.gateway(two)


@bounded
async def test_an_app_that_comes_or_changes_is_no_new_configuration(project: Project) -> None:
    """Nor are its services; what is new in how the gateway is told to listen, is."""
    admin = Admin()
    service = {"asgi": "m:a", "mount": "api"}
    documents: list[dict[str, Any]] = [
        HELLO,
        {"apps": {"hello": {}, "new": {"services": {"api": service}}}},
        {"apps": {"hello": {"url": "/greetings/"}}},
        {"apps": {}},
    ]
    async with http_server(admin, project.gateway_socket), working(project) as (made, board):
        for document in documents:
            publish(made, board, snapshot(document, caddy()))
            await made.settled()
        assert len(admin.loaded) == 1
        publish(made, board, snapshot({"allowed_hosts": ["a.example"]}, caddy()))
        await made.settled()
        assert len(admin.loaded) == 2


@bounded
async def test_a_new_gateway_gets_all_again(project: Project) -> None:
    admin = Admin()
    async with http_server(admin, project.gateway_socket), working(project) as (made, board):
        publish(made, board, taken(caddy("gw2222")))
        await made.settled()
        publish(made, board, taken(replace(caddy(), state=State.BACKOFF, instance=None)))
        publish(made, board, taken(caddy("gw3333")))
        await made.settled()
        assert len(admin.loaded) == 2


@bounded
async def test_without_a_gateway_nobody_waits(project: Project) -> None:
    async with working(project) as (made, board):
        publish(made, board, taken(replica()))
        await made.settled()


@bounded
async def test_what_is_refused_is_not_tried_again_until_it_changes(project: Project) -> None:
    admin = Admin()
    admin.answer = NO
    async with http_server(admin, project.gateway_socket), working(project) as (made, board):
        publish(made, board, taken(caddy()))
        await made.settled()
        publish(made, board, taken(caddy(), replica()))
        await made.settled()
        assert len(admin.loaded) == 1
        publish(made, board, taken(caddy(), older(8501)))
        await made.settled()
        assert len(admin.loaded) == 2


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0\r\n"])
@bounded
async def test_it_tries_again(project: Project, answer: bytes) -> None:
    admin = Admin()
    admin.answer = answer
    async with http_server(admin, project.gateway_socket), working(project) as (made, board):
        publish(made, board, taken(caddy()))
        while len(admin.loaded) < 2:
            await asyncio.sleep(0.005)
        admin.answer = OK
        await made.settled()


@bounded
async def test_the_newest_is_loaded_when_it_answers_again(project: Project) -> None:
    async with working(project) as (made, board):
        publish(made, board, taken(caddy()))
        await asyncio.sleep(0)
        publish(made, board, taken(caddy(), older(8501)))
        admin = Admin()
        async with http_server(admin, project.gateway_socket):
            await made.settled()
            assert admin.loaded == [routes.gateway(taken(caddy(), older(8501)))]


@bounded
async def test_nobody_waits_for_ever(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "PATIENCE", 0.02)
    async with working(project) as (made, board):
        publish(made, board, taken(caddy()))
        await made.settled()


@pytest.mark.parametrize(
    "document",
    [
        HELLO,
        {"apps": {"hello": {"services": {"api": {"asgi": "m:a", "mount": "api"}}}}},
        {"domain": "localhost"},
        {"domain": "apps.example.com"},
        {"allowed_hosts": ["apps.example.com", "*.example.org"]},
        {"trusted_proxies": ["10.0.0.0/8", "::1"]},
    ],
)
def test_caddy_takes_what_is_made(tmp_path: Path, document: dict[str, object]) -> None:
    services = [replica(number=5, unit="hello.api")] if "services" in str(document) else []
    old = replica(number=2, generation=1)
    made = snapshot(document, replica(generation=2), old, *services)
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(routes.gateway(made)))
    ran = subprocess.run(
        [Path(sys.prefix) / "bin/caddy", "validate", "--config", file],
        cwd=tmp_path,
        env={"GATEWAY_FD": "0", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
