"""What the page's side must not do, one mistake each."""

import socket
from urllib.parse import quote, urlsplit

import httpx

from tests.apps.media_explorer.conftest import ODD_NAMES
from tests.apps.media_explorer.mistakes.subject import Subject

PATIENCE_SECONDS = 30


class Wire(httpx.BaseTransport):
    """Notes what would be sent, and answers that there is no such thing."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(404, json={"error": {"code": "c", "message": "m", "hint": ""}})


def no_url_is_unquoted(subject: Subject) -> None:
    wire = Wire()
    gallery = subject.pages.gallery(wire)
    for name in ODD_NAMES:
        gallery.ask("a/b", name)
        url = urlsplit(gallery.picture_url("a/b", name))
        assert url.path == f"/media/a%2Fb/{quote(name, safe='')}"
        assert not url.fragment
    asked = [request.url.raw_path.decode().partition("?")[0] for request in wire.requests]
    assert asked == [f"/media_place/a%2Fb/{quote(name, safe='')}" for name in ODD_NAMES]


def no_call_waits_for_ever(subject: Subject) -> None:
    wire = Wire()
    subject.pages.gallery(wire).ask("pictures", "one.png")
    (request,) = wire.requests
    for seconds in request.extensions["timeout"].values():
        assert seconds
        assert 0 < seconds <= PATIENCE_SECONDS


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def no_session_starts_another_server(subject: Subject) -> None:
    port = free_port()
    first, second = subject.pages.embedded(port), subject.pages.embedded(port)
    assert first is second
    assert answers(first.url)


def no_recycling_leaves_the_server_dead(subject: Subject) -> None:
    server = subject.pages.embedded(free_port())
    for _ in range(2):
        assert answers(server.url)
        server.recycle()
    assert answers(server.url)


CHECKS = (
    no_url_is_unquoted,
    no_call_waits_for_ever,
    no_session_starts_another_server,
    no_recycling_leaves_the_server_dead,
)
