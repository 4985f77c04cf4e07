"""A service as a real process, on a real socket."""

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamlit_controls.manager.http import request
from tests.runner.processes import Started, running
from tests.support.waiting import PATIENCE

ECHO = """
import json, os

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    said = {"root_path": scope["root_path"], "path": scope["path"], "cwd": os.getcwd()}
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})
"""
SLOW = """
import asyncio

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"first", "more_body": True})
    await asyncio.sleep(600)
"""


SIZE = 30_000_000
LARGE = f"""
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    headers = [(b"content-length", b"{SIZE}")]
    await send({{"type": "http.response.start", "status": 200, "headers": headers}})
    await send({{"type": "http.response.body", "body": bytes({SIZE})}})
"""
GRACE = 5.0
"""Seconds that a service has when it is told to end."""


@contextlib.contextmanager
def service(
    folder: Path, text: str, *, app: str = "server:app", root: str = ""
) -> Iterator[Started]:
    folder.mkdir(exist_ok=True)
    (folder / "server.py").write_text(text)
    with running("service.py", app, "--root-path", root, cwd=folder) as started:
        yield started


def test_it_serves_and_says_when(tmp_path: Path) -> None:
    with service(tmp_path / "api", ECHO, root="/app/hello/api") as started:
        started.report(serving=True)
        said = json.loads(started.get("/files/1")[1])
        assert said == {
            "root_path": "/app/hello/api",
            "path": "/app/hello/api/files/1",
            "cwd": str(tmp_path / "api"),
        }
        assert started.end() in {0, -15}


def test_who_asks_how_it_is_comes_from_loopback_like_all_others(tmp_path: Path) -> None:
    """A Unix socket's client has no address, which many a health route takes for granted."""
    text = ECHO.replace(
        "os.getcwd()}", 'os.getcwd(), **{k: scope[k] for k in ("client", "server")}}'
    )
    folder, address = tmp_path / "api", str(tmp_path / "probe")
    folder.mkdir()
    (folder / "server.py").write_text(text)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.bind(address)
        probe.listen(8)
        probe.setblocking(False)
        with running("service.py", "server:app", cwd=folder, probe=probe) as started:
            answer = asyncio.run(request(tmp_path / "probe", "/up", timeout=PATIENCE))
            said = json.loads(answer.body[answer.body.index("{") : answer.body.index("}") + 1])
            assert said["client"] == ["127.0.0.1", 0]
            assert said["server"] == ["127.0.0.1", started.port]
            by_port = json.loads(started.get("/up")[1])
            assert by_port["server"] == said["server"]
            assert by_port["client"][1] > 0


def test_without_a_mount(tmp_path: Path) -> None:
    with service(tmp_path / "api", ECHO) as started:
        said = json.loads(started.get("/files/1")[1])
        assert (said["root_path"], said["path"]) == ("", "/files/1")


def test_its_own_modules_are_what_it_finds(tmp_path: Path) -> None:
    folder = tmp_path / "api"
    folder.mkdir()
    (folder / "page.py").write_text("NAME = 'own'\n")
    with service(folder, f"import page\nassert page.NAME == 'own'\n{ECHO}") as started:
        started.report(busy=False)


@pytest.mark.parametrize(
    ("text", "app", "said"),
    [
        ("x = [\n", "server:app", "SyntaxError"),
        (ECHO, "nothing:app", 'Could not import module "nothing"'),
        (ECHO, "server:nothing", 'Attribute "nothing" not found'),
        ("raise RuntimeError('no database')", "server:app", "RuntimeError: no database"),
    ],
)
def test_what_cannot_be_imported_ends_with_an_error(
    tmp_path: Path, text: str, app: str, said: str
) -> None:
    with service(tmp_path / "api", text, app=app) as started:
        assert started.process.wait(20) != 0
        assert said in started.log()


def test_a_failed_start_is_an_error(tmp_path: Path) -> None:
    text = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})
"""
    with service(tmp_path / "api", text) as started:
        assert started.process.wait(20) == 3


def test_it_ends_in_time_with_an_answer_under_way(tmp_path: Path) -> None:
    with service(tmp_path / "api", SLOW) as started, socket.socket() as visitor:
        visitor.settimeout(20)
        visitor.connect(("127.0.0.1", started.port))
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in visitor.recv(4096)
        began = time.monotonic()
        started.end()
        assert time.monotonic() - began < 9


def test_when_replaced_it_stays_until_what_it_sent_was_taken(tmp_path: Path) -> None:
    """The app is done with its answer long before a slow line is."""
    with service(tmp_path / "api", LARGE) as started, socket.socket() as visitor:
        visitor.settimeout(20)
        visitor.connect(("127.0.0.1", started.port))
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        head = visitor.recv(4096)
        assert b"200 OK" in head
        started.process.send_signal(signal.SIGUSR1)
        with pytest.raises(subprocess.TimeoutExpired):
            started.process.wait(GRACE + 1)
        size = len(head.partition(b"\r\n\r\n")[2])
        while size < SIZE:
            piece = visitor.recv(1_000_000)
            assert piece, f"cut off after {size} bytes"
            size += len(piece)
        assert started.process.wait(20) == 0
