"""A real Caddy serves front-end files and pages by itself, and nothing else."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import brotli  # type: ignore[import-untyped]
import pytest

from streamlit_controls.manager.asset_maker import write
from streamlit_controls.manager.pages import Pages
from tests.manager.caddy import Answer, Gateway, caddy, named
from tests.support.ports import free_port

SCRIPT = b"export const answer = 42;\n" * 50
PAGE = b"<!doctype html><title>Shared</title>" + b"<p>text</p>" * 50
PICTURE = b"\x89PNG"
FONT = b"wOF2" + SCRIPT
HERE = "/app/hello/~abc234"
ASSETS = "/assets/streamlit-1.67.0"
BROWSER = {"Accept": "text/html,*/*", "Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with one instance whose page it serves, and one that serves its own."""
    state = tmp_path_factory.mktemp("state")
    made = state / "assets/streamlit-1.67.0"
    write(made / "page/index.html", PAGE)
    write(made / "files/static/js/index.AbC_-1.js", SCRIPT)
    write(made / "files/static/media/a.woff2", FONT)
    write(made / "files/favicon.png", PICTURE)
    write(made / "files/.hidden.js", SCRIPT)
    write(made / "files/static/.hidden/x.js", SCRIPT)
    (made / "made-from").write_text("secret")
    (state / "run").mkdir()
    (state / "run/token").write_text("secret")
    site_port = free_port()
    document = {"site_port": site_port, "apps": {"hello": {}}}
    with (
        named("site", site_port),
        caddy(state / "run", document) as found,
        named("the app", Path("upstreams/abc234")),
        named("the app", Path("upstreams/own222")),
        named("the current app", Path("upstreams/new222")),
    ):
        Pages(state / "run").name("abc234", made)
        found.point("new222")
        yield found


def page(gateway: Gateway, path: str, **headers: str) -> Answer:
    return gateway.ask(path, {**BROWSER, **headers})


@pytest.mark.parametrize(
    ("wanted", "coding", "decode"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ],
)
def test_a_file_comes_in_the_coding_that_the_browser_takes(
    gateway: Gateway, wanted: str, coding: str | None, decode: object
) -> None:
    answer = gateway.ask(f"{ASSETS}/static/js/index.AbC_-1.js", {"Accept-Encoding": wanted})
    assert answer.status == 200
    assert answer.headers["Content-Encoding"] == coding
    assert callable(decode)
    assert decode(answer.body) == SCRIPT
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_what_is_compressed_already_comes_as_it_is(gateway: Gateway) -> None:
    for path, kind, body in (
        ("favicon.png", "image/png", PICTURE),
        ("static/media/a.woff2", "font/woff2", FONT),
    ):
        answer = gateway.ask(f"{ASSETS}/{path}", BROWSER)
        assert (answer.status, answer.body) == (200, body)
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Encoding"] is None


def test_a_part_of_a_file_can_be_had(gateway: Gateway) -> None:
    answer = gateway.ask(f"{ASSETS}/favicon.png", {"Range": "bytes=1-3"})
    assert (answer.status, answer.body) == (206, b"PNG")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets/x",
        "/assets/streamlit-1.67.0",
        f"{ASSETS}/",
        f"{ASSETS}/index.html",
        f"{ASSETS}/made-from",
        f"{ASSETS}/static",
        f"{ASSETS}/static/",
        f"{ASSETS}/static/js/",
        f"{ASSETS}/static/js/absent.js",
        f"{ASSETS}/.hidden.js",
        f"{ASSETS}/static/.hidden/x.js",
        f"{ASSETS}/%2e%2e/made-from",
        f"{ASSETS}/../made-from",
        f"{ASSETS}/static//js/index.AbC_-1.js%00",
        "/assets/streamlit-9.9.9/favicon.png",
        "/assets/streamlit-1.67.0/static/js/*.js",
        "/assets/streamlit-1.67.0/static/js/index.[A]bC_-1.js",
    ],
)
def test_nothing_else_is_there(gateway: Gateway, path: str) -> None:
    answer = gateway.ask(path, BROWSER)
    assert b"secret" not in answer.body
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    "path",
    [f"{ASSETS}/../../run/token", f"{ASSETS}/..%2f..%2frun/token", "/assets/../run/token"],
)
def test_nothing_above_is_there_either(gateway: Gateway, path: str) -> None:
    assert gateway.ask(path, BROWSER).body.decode() == f"site {path}"


@pytest.mark.parametrize(
    "path",
    ["/", "/?embed=true&a=1", "/Page_two", "/page-3?x=1", "/" + quote("Übersicht"), "/数据"],
)
def test_a_page_comes_without_its_app(gateway: Gateway, path: str) -> None:
    answer = page(gateway, HERE + quote(path, safe="/?=&%"))
    assert (answer.status, brotli.decompress(answer.body)) == (200, PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    again = page(gateway, HERE + "/", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    head = gateway.ask(HERE + "/", BROWSER, "HEAD")
    assert (head.status, head.headers["ETag"]) == (200, answer.headers["ETag"])


def test_whoever_asks_gets_the_same_page(gateway: Gateway) -> None:
    """Streamlit, too, looks at no Accept header."""
    for accept in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        assert gateway.ask(HERE + "/", accept).body == PAGE


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/health",
        "/_stcore/stream",
        "/_stcore",
        "/media/abc.png",
        "/media",
        "/component/a.b/index.html",
        "/app/static/x.js",
        "/auth/login",
        "/oauth2callback?code=1",
        "/healthz",
        "/st-metrics",
        "/script-health-check",
        "/static",
        "/static/",
        "/static/js/absent.js",
        "/static/.hidden/x.js",
        "/index.html",
        "/page/index.html",
        "/manifest.json",
        "/Page_two/",
        "/Page_two/_stcore/health",
        "/a.b",
        "/a%2Fb",
        "/a:b",
        "/static/*.js",
    ],
)
def test_all_else_is_the_app_s(gateway: Gateway, path: str) -> None:
    answer = page(gateway, HERE + path)
    assert (answer.status, answer.body.decode()) == (200, f"the app {HERE}{path}")


def test_only_reading_is_the_gateway_s(gateway: Gateway) -> None:
    assert gateway.ask(HERE + "/", BROWSER, "POST").body.startswith(b"the app")


@pytest.mark.parametrize(
    ("path", "body"),
    [("favicon.png", PICTURE), ("static/js/index.AbC_-1.js", brotli.compress(SCRIPT, quality=9))],
)
def test_files_that_a_page_asks_its_instance_for_come_without_it(
    gateway: Gateway, path: str, body: bytes
) -> None:
    answer = page(gateway, f"{HERE}/{path}")
    assert (answer.status, answer.body) == (200, body)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/", "/Page_two", "/favicon.png", "/static/js/index.AbC_-1.js"])
def test_an_instance_without_a_link_serves_its_own(gateway: Gateway, path: str) -> None:
    answer = page(gateway, "/app/hello/~own222" + path)
    assert answer.body.decode() == f"the app /app/hello/~own222{path}"


def test_an_instance_that_is_gone_is_still_redirected(gateway: Gateway) -> None:
    assert page(gateway, "/app/hello/~gone22/").headers["Location"] == "/app/hello/~new222/"
    answer = page(gateway, "/app/hello/~gone22/static/js/index.AbC_-1.js", Accept="*/*")
    assert answer.body.startswith(b"the current app")


def test_the_link_decides_at_once(gateway: Gateway) -> None:
    pages, made = Pages(gateway.run), gateway.run.parent / "assets/streamlit-1.67.0"
    where = "/app/hello/~own222/"
    pages.name("own222", made)
    assert gateway.ask(where).body == PAGE
    pages.forget("own222")
    assert gateway.ask(where).body.startswith(b"the app")
    pages.name("own222", made.with_name("streamlit-absent"))
    assert gateway.ask(where).body.startswith(b"the app")
    pages.forget("own222")
