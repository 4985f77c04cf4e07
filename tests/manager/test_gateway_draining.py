"""A real Caddy beside which an instance drains: who comes anew goes to the current one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manager.caddy import Gateway, caddy, named
from tests.support.ports import free_port

PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    document = {"site_port": free_port(), "apps": {"hello": {}}}
    with (
        caddy(tmp_path_factory.mktemp("state") / "run", document) as found,
        named("new222", Path("upstreams/new222")),
        named("old222", Path("upstreams/old222")),
        named("old333", Path("upstreams/old333")),
    ):
        found.point("new222")
        found.put("draining", "old222", "old222")
        yield found


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/app/hello/~old222/", "/app/hello/"),
        ("/app/hello/~old222/?a=1&b=%20", "/app/hello/?a=1&b=%20"),
        ("/app/hello/~old222/Page_two?a=1", "/app/hello/Page_two?a=1"),
        ("/app/hello/~old222/Gr%C3%BC%C3%9Fe", "/app/hello/Gr%C3%BC%C3%9Fe"),
    ],
)
def test_its_pages_are_the_current_ones(gateway: Gateway, path: str, to: str) -> None:
    assert gateway.get(path, PAGE) == (307, to)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/app/hello/~old222/", {}),
        ("/app/hello/~old222/_stcore/stream", {}),
        ("/app/hello/~old222/media/1.csv", PAGE),
        ("/app/hello/~old222/component/x.y/index.html", PAGE),
        ("/app/hello/~old222/app/static/x.html", PAGE),
        ("/app/hello/~old333/", PAGE),
        ("/app/hello/~new222/", PAGE),
    ],
)
def test_what_is_no_new_page_stays_where_it_is(
    gateway: Gateway, path: str, headers: dict[str, str]
) -> None:
    instance = path.split("~")[1][:6]
    assert gateway.get(path, headers) == (200, f"{instance} {path}")


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example/../app/hello/~old222/", "//evil.example/%2e%2e/app/hello/~old222/x"),
        *(
            "/app/hello/~old222//evil.example/../",
            "/app/x/../hello/~old222/",
            "//app/hello/~old222/",
        ),
        "/\\evil.example/../app/hello/~old222/",
    ],
)
def test_no_page_leads_elsewhere(gateway: Gateway, target: str) -> None:
    head = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close"
    answer = gateway.say(f"{head}\r\n\r\n".encode())
    assert b"\r\nLocation: /app/hello/" in answer
    assert b"~old222" not in answer
