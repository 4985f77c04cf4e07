"""The gateway under attack: those who hold it up are closed, all others are served."""

import contextlib
import http.client
import selectors
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from streamlit_controls.core import guard_routes
from tests.journeys.project import SampleProject
from tests.manager.caddy import Gateway, caddy, everything, named
from tests.support.ports import free_port
from tests.support.waiting import PATIENCE, until

MIB = 2**20
HEADER_SECONDS = 1
"""What the gateway of these tests allows for a request's head; a tenth of what it does else."""

SLOW = 300
"""Connections of one attack."""

HEAD = b"GET /app/hello/~new222/x HTTP/1.1\r\nHost: a.localhost\r\n"
WEBSOCKET = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with tight_limits(), behind(tmp_path_factory.mktemp("plain") / "run") as found:
        yield found


@contextlib.contextmanager
def tight_limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(guard_routes.LIMITS, "read_header_timeout", f"{HEADER_SECONDS}s")
        yield


@contextlib.contextmanager
def behind(run: Path, **document: object) -> Iterator[Gateway]:
    site_port = free_port()
    with (
        named("site", site_port),
        caddy(run, {"site_port": site_port, "apps": {"hello": {}}, **document}) as found,
        named("app", Path("upstreams/new222")),
    ):
        yield found


@contextlib.contextmanager
def connections(gateway: Gateway, said: bytes, count: int = SLOW) -> Iterator[list[socket.socket]]:
    """Return connections that have said something."""
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(gateway.connect()) for _ in range(count)]
        for each in made:
            each.sendall(said)
        yield made


def open_files(gateway: Gateway) -> int:
    return psutil.Process(gateway.pid).num_fds()


def memory(gateway: Gateway) -> int:
    return int(psutil.Process(gateway.pid).memory_info().rss)


def drip(slow: list[socket.socket]) -> None:
    """Send a byte now and then on each, until the other side has closed all."""
    end = time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as selector:
        for each in slow:
            selector.register(each, selectors.EVENT_READ)
        while left := selector.get_map():
            assert time.monotonic() < end, f"{len(left)} are still open"
            for key, _ in selector.select(0.2):
                everything(key.fileobj)  # type: ignore[arg-type]
                selector.unregister(key.fileobj)
            for key in list(selector.get_map().values()):
                with contextlib.suppress(ConnectionError):
                    key.fileobj.sendall(b"a")  # type: ignore[union-attr]


def test_slow_requests_hold_nobody_up_and_are_closed_in_time(gateway: Gateway) -> None:
    files, before = open_files(gateway), memory(gateway)
    with connections(gateway, HEAD + b"X-Slow: ") as slow, ThreadPoolExecutor(1) as attacker:
        attack = attacker.submit(drip, slow)
        served = 0
        while not attack.done():
            assert gateway.get("/app/hello/~new222/x") == (200, "app /app/hello/~new222/x")
            served += 1
        attack.result(PATIENCE)
        assert served
    until(lambda: open_files(gateway) <= files + 5, "the end of all connections")
    assert memory(gateway) - before < 48 * MIB


def test_who_says_nothing_is_closed_too(gateway: Gateway) -> None:
    with connections(gateway, b"") as silent:
        assert gateway.get("/")[0] == 200
        assert {everything(each) for each in silent} == {b""}


def test_an_upload_may_be_slow(gateway: Gateway) -> None:
    head = HEAD.replace(b"GET", b"PUT") + b"Connection: close\r\nContent-Length: 10\r\n\r\n"
    with connections(gateway, head + b"half ", 5) as slow:
        with connections(gateway, HEAD, 1) as (other,):
            everything(other)  # until it is closed: longer than a head may take
        for each in slow:
            each.sendall(b"whole")
            assert everything(each).startswith(b"HTTP/1.1 200 ")


def test_who_does_not_come_to_speak_of_encryption_is_closed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = tmp_path_factory.mktemp("encrypted") / "run"
    with (
        tight_limits(),
        behind(run, domain="localhost") as gateway,
        connections(gateway, b"", 50) as silent,
        connections(gateway, b"\x16\x03", 50) as slow,
    ):
        assert {everything(each) for each in [*silent, *slow]} == {b""}


@pytest.mark.parametrize(
    "large",
    [
        HEAD + b"X-Large: " + b"a" * 10 * MIB,
        HEAD + b"".join(b"X-%06d: %s\r\n" % (number, b"a" * 80) for number in range(100_000)),
        b"GET /" + b"a" * 10 * MIB,
        b"a" * 10 * MIB,
    ],
    ids=["one header", "many headers", "an address", "nonsense"],
)
def test_ten_megabytes_of_headers_are_refused_and_not_kept(gateway: Gateway, large: bytes) -> None:
    before = memory(gateway)
    with ThreadPoolExecutor(4) as attackers:
        answers = list(attackers.map(gateway.say, [large + b"\r\n\r\n"] * 8))
    refused = (b"HTTP/1.1 431 ", b"HTTP/1.1 400 ")
    assert all(not answer or answer.startswith(refused) for answer in answers)
    assert memory(gateway) - before < 48 * MIB
    assert gateway.get("/")[0] == 200


def test_large_cookies_pass_and_larger_ones_do_not(gateway: Gateway) -> None:
    assert gateway.ask("/", {"Cookie": "a=" + "b" * 60_000}).status == 200
    assert gateway.ask("/", {"Cookie": "a=" + "b" * 100_000}).status == 431


def test_an_app_does_not_answer_in_another_s_name(busy: SampleProject) -> None:
    one, two = (busy.instance(app)["id"] for app in ("one", "two"))
    for rest in ("_stcore/health", "_stcore/host-config"):
        for app, instance, status in (
            ("one", one, 200),
            ("two", two, 200),
            ("one", two, 404),
            ("one", f"{one}/../../two/~{two}", 400),
            ("one", f"{one}/..%2f..%2ftwo/~{two}", 400),
        ):
            assert busy.get(f"/app/{app}/~{instance}/{rest}").status == status
    own = busy.url.rstrip("/")
    assert opened(busy, f"/app/two/~{two}/_stcore/stream", own) == 101
    assert opened(busy, f"/app/one/~{two}/_stcore/stream", own) == 403


@pytest.mark.parametrize("path", ["/app/one/~{}/_stcore/stream", "/app/one/api/ws"])
def test_a_page_of_another_site_opens_no_websocket(busy: SampleProject, path: str) -> None:
    path = path.format(busy.instance("one")["id"])
    own = busy.url.rstrip("/")
    assert opened(busy, path, own) == opened(busy, path, None) == 101
    assert opened(busy, path, "http://evil.example") == opened(busy, path, "null") == 403


def opened(project: SampleProject, path: str, origin: str | None) -> int:
    """Return the status for one who would open a websocket."""
    headers = {**WEBSOCKET, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    if origin is not None:
        headers["Origin"] = origin
    connection = http.client.HTTPConnection("127.0.0.1", project.port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
