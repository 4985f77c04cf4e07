"""The media server inside the page's process: one, replaced without a gap, gone with it."""

import importlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from explorer.embedded_server import EmbeddedServer
from explorer.gallery import GalleryError

from tests.apps.media_explorer.conftest import APP, make_picture
from tests.support.ports import free_port
from tests.support.waiting import until

LOOPBACK = "127.0.0.1"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a configuration; the server of this process is stopped in the end."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    make_picture(tmp_path / "one.png")
    configure(tmp_path, "first")
    yield tmp_path
    EmbeddedServer.stop_that_of_this_process()


def configure(folder: Path, name: str) -> None:
    (folder / "media_service.toml").write_text(
        f'MEDIA_TYPES = ["png"]\n[MEDIA_SOURCES.{name}]\nmedia_folder = "."\n', encoding="utf-8"
    )


def sources(server: EmbeddedServer) -> list[str]:
    with httpx.Client(trust_env=False, timeout=15) as client:
        found = client.get(f"{server.url}/media_sources").raise_for_status().json()["sources"]
    return [source["name"] for source in found]


def serving() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "media-server"]


def refuses(url: str) -> bool:
    try:
        httpx.get(f"{url}/health", trust_env=False)
    except httpx.ConnectError:
        return True
    return False


def test_the_first_request_is_answered_without_waiting_for_anything_else(folder: Path) -> None:
    server = EmbeddedServer.of_this_process(LOOPBACK, 0, folder)
    answer = httpx.get(f"{server.url}/health", trust_env=False)
    assert answer.json()["status"] == "ok"


def test_threads_that_ask_at_once_get_the_same(folder: Path) -> None:
    together = threading.Barrier(12)

    def ask() -> EmbeddedServer:
        together.wait(30)
        return EmbeddedServer.of_this_process(LOOPBACK, 0, folder)

    with ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(ask) for _ in range(12)]
        servers = {each.result() for each in asked}
    assert len(servers) == 1
    assert len(serving()) == 1


def test_a_port_that_is_taken_is_said_and_what_to_do(folder: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(GalleryError, match=f"Port {port} .* is taken") as caught:
            EmbeddedServer.of_this_process(LOOPBACK, port, folder)
    assert "PORT" in caught.value.hint
    assert sources(EmbeddedServer.of_this_process(LOOPBACK, port, folder)) == ["first"]


@pytest.mark.parametrize("host", ["203.0.113.77", "no such host"])
def test_an_address_that_is_not_here_is_said(folder: Path, host: str) -> None:
    with pytest.raises(GalleryError, match="cannot listen") as caught:
        EmbeddedServer.of_this_process(host, 0, folder)
    assert "HOST" in caught.value.hint


def test_a_configuration_that_cannot_be_used_takes_no_port(folder: Path) -> None:
    port = free_port()
    (folder / "media_service.toml").write_text("MEDIA_TYPES = 3\n")
    with pytest.raises(GalleryError, match="MEDIA_TYPES"):
        EmbeddedServer.of_this_process(LOOPBACK, port, folder)
    with socket.create_server((LOOPBACK, port)):
        pass


def test_recycling_is_a_new_server_with_the_new_configuration(folder: Path) -> None:
    server = EmbeddedServer.of_this_process(LOOPBACK, 0, folder)
    url, before = server.url, serving()
    assert sources(server) == ["first"]
    configure(folder, "second")
    server.recycle()
    assert (server.url, sources(server)) == (url, ["second"])
    until(lambda: len(serving()) == 1, "the end of the old server")
    assert serving() != before


def test_recycling_with_a_bad_configuration_leaves_the_old_server(folder: Path) -> None:
    server = EmbeddedServer.of_this_process(LOOPBACK, 0, folder)
    before = serving()
    (folder / "media_service.toml").write_text("MEDIA_TYPES = 3\n")
    with pytest.raises(GalleryError, match="MEDIA_TYPES"):
        server.recycle()
    assert sources(server) == ["first"]
    assert serving() == before


def test_nobody_is_refused_while_it_is_recycled(folder: Path) -> None:
    server = EmbeddedServer.of_this_process(LOOPBACK, 0, folder)
    done = threading.Event()

    def visit() -> int:
        answered = 0
        while not done.is_set():  # a new connection each time
            answer = httpx.get(f"{server.url}/thumbnail/first/one.png", trust_env=False)
            assert answer.status_code == 200
            answered += 1
        return answered

    with ThreadPoolExecutor(3) as threads:
        visits = [threads.submit(visit) for _ in range(3)]
        try:
            for _ in range(8):
                server.recycle()
        finally:
            done.set()
        assert all(each.result() for each in visits)


def test_who_has_connected_but_not_asked_yet_is_answered(folder: Path) -> None:
    server = EmbeddedServer.of_this_process(LOOPBACK, 0, folder)
    address = (LOOPBACK, int(server.url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=15) as slow, ThreadPoolExecutor(1) as threads:
        old = server._thread
        sources(server)  # the connection before this one has been let in, too
        recycled = threads.submit(server.recycle)
        until(lambda: server._thread.is_alive() and server._thread is not old, "the next server")
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n")
        assert slow.recv(15) == b"HTTP/1.1 200 OK"
        recycled.result(15)


def test_an_answer_that_is_being_sent_is_finished_by_the_old_server(folder: Path) -> None:
    (folder / "large.png").write_bytes(b"x" * 32_000_000)  # more than what sockets buffer
    server = EmbeddedServer.of_this_process(LOOPBACK, 0, folder)
    with (
        httpx.Client(trust_env=False, timeout=15) as client,
        client.stream("GET", f"{server.url}/media/first/large.png") as answer,
    ):
        configure(folder, "second")
        server.recycle()
        assert sources(server) == ["second"]
        assert sum(len(part) for part in answer.iter_raw()) == 32_000_000


def test_editing_the_code_replaces_the_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    old = EmbeddedServer.of_this_process(LOOPBACK, port, folder)
    name = "explorer.embedded_server"
    monkeypatch.delitem(sys.modules, name)  # what Streamlit does with all modules of an app
    edited = importlib.import_module(name).EmbeddedServer
    new = edited.of_this_process(LOOPBACK, port, folder)
    assert new is not old
    assert new is edited.of_this_process(LOOPBACK, port, folder)
    assert sources(new) == ["first"]
    assert len(serving()) == 1


def test_another_port_in_the_settings_gives_the_first_one_back(folder: Path) -> None:
    first = EmbeddedServer.of_this_process(LOOPBACK, free_port(), folder)
    url = first.url
    second = EmbeddedServer.of_this_process(LOOPBACK, free_port(), folder)
    assert sources(second) == ["first"]
    assert refuses(url)


def test_it_is_stopped_with_all_that_it_holds(folder: Path) -> None:
    server = EmbeddedServer.of_this_process(LOOPBACK, 0, folder)
    url = server.url
    EmbeddedServer.stop_that_of_this_process()
    assert refuses(url)
    assert serving() == []


@pytest.mark.parametrize(
    ("host", "page_url", "expected"),
    [
        ("127.0.0.1", "http://media.example.org:8501/", "http://127.0.0.1:"),
        ("0.0.0.0", "http://media.example.org:8501/page", "http://media.example.org:"),
        ("0.0.0.0", "http://[2001:db8::1]:8501", "http://[2001:db8::1]:"),
        ("0.0.0.0", None, "http://127.0.0.1:"),
        ("::", "http://10.0.0.7", "http://10.0.0.7:"),
        ("::", "", "http://[::1]:"),
    ],
)
def test_a_browser_gets_the_name_by_which_it_opened_the_page(
    folder: Path, host: str, page_url: str | None, expected: str
) -> None:
    if host == "::" and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    server = EmbeddedServer.of_this_process(host, 0, folder)
    assert server.url_for(page_url).startswith(expected)
    assert sources(server) == ["first"]


def test_without_fastapi_the_command_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("media_server", "media_routes", "change_routes"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(GalleryError, match="fastapi") as caught:
        EmbeddedServer.of_this_process(LOOPBACK, 0, folder)
    assert caught.value.hint == "Run: pip install -r media_server/requirements.txt"


PROGRAM = """
import sys
from pathlib import Path
import httpx
sys.path.insert(0, sys.argv[1])
from explorer.embedded_server import EmbeddedServer
server = EmbeddedServer.of_this_process("127.0.0.1", 0, Path(sys.argv[2]))
print(httpx.get(f"{server.url}/media_sources", trust_env=False).status_code)
"""


def test_a_process_that_ends_is_not_held_up(folder: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(APP), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("200\n", "", 0)
