"""A real Caddy with routes as they are made: every address goes where it should."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manager.caddy import Gateway, caddy, named
from tests.support.ports import free_port

PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with an app of one instance that answers, one that does not, and a service."""
    site_port, api_port, odd_port = free_port(), free_port(), free_port()
    services = {"api": {"asgi": "m:a", "mount": "api", "port": api_port}}
    named_oddly = {"api": {"asgi": "m:a", "mount": "Api_2-x", "port": odd_port}}
    apps = {"hello": {"services": services}, "off": {}, "Both_2-x": {"services": named_oddly}}
    document = {"site_port": site_port, "apps": apps}
    with (
        named("site", site_port),
        named("api", api_port),
        named("odd", odd_port),
        caddy(tmp_path_factory.mktemp("state") / "run", document) as found,
        named("new222", Path("upstreams/new222")),
        named("old222", Path("upstreams/old222")),
    ):
        found.point("new222")
        yield found


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "site /"),
        ("/hello/?a=1", "site /hello/?a=1"),
        ("/admin/", "site /admin/"),
        ("/app/off/", "site /app/off/"),
        ("/app/off/~abc234/", "site /app/off/~abc234/"),
        ("/app/unknown/x", "site /app/unknown/x"),
        ("/app/hello/~new222/", "new222 /app/hello/~new222/"),
        ("/app/hello/~new222/_stcore/health?x=1", "new222 /app/hello/~new222/_stcore/health?x=1"),
        ("/app/hello/~old222/a%20b%2Fc", "old222 /app/hello/~old222/a%20b%2Fc"),
        ("/app/hello/~gone22/_stcore/health", "new222 /app/hello/~gone22/_stcore/health"),
        ("/app/hello/~x/media/1.png", "new222 /app/hello/~x/media/1.png"),
        ("/app/hello/api/", "api /"),
        ("/app/hello/api/files/a%20b?q=1", "api /files/a%20b?q=1"),
        ("/app/hello/%61pi/a%2Fb", "api /a%2Fb"),
        ("/app/off/api/x", "site /app/off/api/x"),
        ("/app/Both_2-x/Api_2-x/~new222/y", "odd /~new222/y"),
        ("/app/Both_2-x/", "site /app/Both_2-x/"),
    ],
)
def test_goes_to(gateway: Gateway, path: str, said: str) -> None:
    assert gateway.get(path) == (200, said)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/app/hello", "/app/hello/~new222/"),
        ("/app/hello/", "/app/hello/~new222/"),
        ("/app/hello?a=1&b=%20", "/app/hello/~new222/?a=1&b=%20"),
        ("/app/hello/Page_two?a=1", "/app/hello/~new222/Page_two?a=1"),
        ("/app/hello/api", "/app/hello/api/"),
        ("/app/hello/api?a=1", "/app/hello/api/?a=1"),
        ("/app/Both_2-x/Api_2-x?a=1", "/app/Both_2-x/Api_2-x/?a=1"),
        ("/app/hello/apis/x", "/app/hello/~new222/apis/x"),
    ],
)
def test_is_redirected(gateway: Gateway, path: str, to: str) -> None:
    assert gateway.get(path, PAGE) == (307, to)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/app/hello/~gone22/", "/app/hello/~new222/"),
        ("/app/hello/~gone22", "/app/hello/~new222/"),
        ("/app/hello/~gone22/Page?a=1", "/app/hello/~new222/Page?a=1"),
        ("/app/hello/~x/Page?a=1", "/app/hello/~new222/Page?a=1"),
    ],
)
def test_a_page_of_one_that_is_gone_is_redirected(gateway: Gateway, path: str, to: str) -> None:
    assert gateway.get(path, PAGE) == (307, to)


@pytest.mark.parametrize(
    "path", ["/app/hello//evil.example/", "/app/hello/~gone22//evil.example/", "/app/hello///x"]
)
def test_no_redirect_leads_elsewhere(gateway: Gateway, path: str) -> None:
    status, to = gateway.get(path, PAGE)
    assert status == 307
    assert to.startswith("/app/hello/~new222/")


def test_new_visitors_follow_the_file(gateway: Gateway) -> None:
    gateway.point("old222")
    assert gateway.get("/app/hello/", PAGE) == (307, "/app/hello/~old222/")
    gateway.point("new222")
    assert gateway.get("/app/hello/", PAGE) == (307, "/app/hello/~new222/")


def test_an_app_that_comes_is_found_without_a_new_configuration(gateway: Gateway) -> None:
    api = gateway.get("/app/hello/api/")
    port = next((gateway.run / "services/hello/api").iterdir()).name
    gateway.put("current", "later", "new222")
    gateway.put("services", "later/files", port)
    assert gateway.get("/app/later/", PAGE) == (307, "/app/later/~new222/")
    assert gateway.get("/app/later/files/") == api
    gateway.put("current", "later", None)
    gateway.put("services", "later/files", None)
    for path in ("/app/later/", "/app/later/files/"):
        assert gateway.get(path, PAGE) == (200, f"site {path}")


def test_while_nothing_runs_the_site_says_why(gateway: Gateway) -> None:
    gateway.point(None)
    try:
        for path in ("/app/hello/", "/app/hello/~gone22/", "/app/hello/~gone22/x"):
            assert gateway.get(path, PAGE) == (200, f"site {path}")
    finally:
        gateway.point("new222")


def test_a_current_instance_that_does_not_answer_is_not_asked_again_and_again(
    gateway: Gateway,
) -> None:
    gateway.point("dead22")
    try:
        path = "/app/hello/~dead22/"
        assert gateway.get(path, PAGE) == (200, f"site {path}")
    finally:
        gateway.point("new222")


def test_old_tabs_of_an_app_that_dozes_are_left_to_the_site(gateway: Gateway) -> None:
    gateway.put("reattach", "hello", None)
    path = "/app/hello/~gone22/_stcore/host-config"
    assert gateway.get(path) == (200, f"site {path}")
    page = gateway.get("/app/hello/~gone22/", {"Accept": "text/html"})
    assert page == (307, "/app/hello/~new222/")
    gateway.point("new222")
    assert gateway.get(path) == (200, f"new222 {path}")


def test_a_probe_of_an_app_that_sleeps_is_answered_in_its_place(gateway: Gateway) -> None:
    path = "/app/hello/~new222/_stcore/health"
    assert gateway.get(path) == (200, f"new222 {path}")
    gateway.put("asleep", "hello", "new222")
    assert gateway.get(path) == gateway.get("/app/hello/_stcore/health") == (200, "ok")
    # A page that asks is about to need its app.
    page = {"Referer": "http://127.0.0.1/app/hello/~new222/"}
    assert gateway.get(path, page) == (200, f"new222 {path}")
    gateway.put("asleep", "hello", None)
    assert gateway.get(path) == (200, f"new222 {path}")
