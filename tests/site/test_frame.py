"""The page of an app without a browser."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from streamlit_site.states import STATES
from tests.site.statuses import Fixed, app_status, document, service_status

ABLE = sorted(name for name, told in STATES.items() if told.answers)
UNABLE = sorted(name for name, told in STATES.items() if not told.answers)


def source_of(page: str) -> str | None:
    """Return where the frame of a page points to."""
    match = re.search(r'<iframe [^>]*? src="([^"]*)"', page)
    return unescape(match[1]) if match else None


@pytest.mark.parametrize(
    ("address", "inner"),
    [
        ("/demo/", "/app/demo/"),
        ("/demo/numbers", "/app/demo/numbers"),
        ("/demo/?n=1", "/app/demo/?n=1"),
        ("/demo/a/b/?x=%20+%2B&x=2&&y", "/app/demo/a/b/?x=%20+%2B&x=2&&y"),
        ("/demo/caf%C3%A9?q=%E2%82%AC", "/app/demo/caf%C3%A9?q=%E2%82%AC"),
        ("/demo/?embed=true", "/app/demo/?embed=true"),
    ],
)
def test_path_and_query_go_to_the_app(client: FlaskClient, address: str, inner: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert source_of(answer.text) == inner


def test_an_escaped_slash_stays_escaped(client: FlaskClient) -> None:
    scope = {"raw_path": b"/demo/a%2Fb"}
    answer = client.get("/demo/a/b", environ_overrides={"asgi.scope": scope})
    assert source_of(answer.text) == "/app/demo/a%2Fb"


@pytest.mark.parametrize(
    ("address", "location"),
    [("/demo", "/demo/"), ("/demo?n=1&m=%20", "/demo/?n=1&m=%20"), ("/a/b", "/a/b/")],
)
def test_without_the_slash_it_is_redirected(
    client: FlaskClient, source: Fixed, address: str, location: str
) -> None:
    source.snapshot = document(demo=app_status(), deep=app_status(path="/a/b/"))
    answer = client.get(address)
    assert answer.status_code == 307
    assert answer.headers["Location"] == location


def test_the_longest_path_wins(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = document(
        team=app_status(path="/team/"),
        deep=app_status(path="/team/deep/"),
        url=app_status(path="x"),
    )
    assert source_of(client.get("/team/deep/p?q=1").text) == "/app/deep/p?q=1"
    assert source_of(client.get("/team/deeper/").text) == "/app/team/deeper/"
    assert source_of(client.get("/x/").text) == "/app/url/"


@pytest.mark.parametrize("state", ABLE)
def test_an_app_that_can_answer_is_framed(client: FlaskClient, source: Fixed, state: str) -> None:
    source.change("demo", state=state)
    answer = client.get("/demo/")
    assert answer.status_code == 200
    assert source_of(answer.text) == "/app/demo/"
    assert STATES[state].label in answer.text


@pytest.mark.parametrize("state", ["running", "starting"])
def test_an_app_that_is_being_replaced_is_what_its_new_instance_is(
    client: FlaskClient, source: Fixed, state: str
) -> None:
    old = {"id": "abcd", "state": "draining", "drains_until": 1795234440.5}
    source.change("demo", state=state, instances=[{"id": "efgh", "state": state}, old])
    catalogue, page = client.get("/").text, client.get("/demo/")
    assert page.status_code == 200
    assert source_of(page.text) == "/app/demo/"
    for text in (catalogue, page.text):
        assert STATES[state].label in text
        assert STATES["draining"].label not in re.sub("data-states='.*?'", "", text)
    waiting = client.get("/app/demo/~abcd/").text
    assert STATES[state].headline.format(name="Demo") in waiting
    assert f'data-seen="{state}|"' in waiting


@pytest.mark.parametrize("state", UNABLE)
def test_an_app_that_cannot_answer_says_why(client: FlaskClient, source: Fixed, state: str) -> None:
    source.change("demo", state=state, error="pandas==9.9 does not exist")
    answer = client.get("/demo/numbers?n=1")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == str(STATES[state].retry_after)
    assert source_of(answer.text) is None
    assert STATES[state].label in answer.text
    assert "pandas==9.9 does not exist" in answer.text
    assert f'data-seen="{state}|pandas==9.9 does not exist"' in answer.text
    assert "<noscript><meta http-equiv" in answer.text


def test_the_bar_links_to_all_apps_and_shows_the_error(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = document(
        demo=app_status(error="boom", services={"media": service_status(state="failed")}),
        other=app_status(path="/other/", name="The other"),
    )
    page = client.get("/demo/").text
    assert 'href="/other/"' in page
    assert '<p class="health__error">boom</p>' in page
    assert 'data-service="media"' in page


def test_what_a_page_may_do_a_frame_may_do(client: FlaskClient) -> None:
    page = client.get("/demo/").text
    allowed = re.search(r'allow="([^"]*)"', page)
    assert allowed
    features = set(allowed[1].split("; "))
    assert features >= {
        "autoplay", "camera", "clipboard-read", "clipboard-write", "display-capture",
        "fullscreen", "geolocation", "microphone", "midi",
    }  # fmt: skip
    assert "sandbox" not in page


@pytest.mark.parametrize(
    "segment",
    ["app", "assets", "admin", "login", "logout", "api", "healthz", "metrics", "static"],
)
def test_reserved_paths_are_never_an_app(client: FlaskClient, source: Fixed, segment: str) -> None:
    source.snapshot = document(rogue=app_status(path=f"/{segment}/"))
    assert client.get(f"/{segment}/nothing/here").status_code == 404


def test_unknown_pages_offer_what_was_meant(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = document(media=app_status(path="/media-explorer/", name="Media explorer"))
    answer = client.get("/media-explorr/numbers")
    assert answer.status_code == 404
    assert 'href="/media-explorer/"' in answer.text
    assert "Did you mean" not in client.get("/zzzzzz").text


@pytest.mark.parametrize(
    "address", ["//evil.example", "//evil.example/demo", "/%2F%2Fevil.example"]
)
def test_nobody_is_sent_to_another_site(client: FlaskClient, address: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": address.replace("%2F", "/")})
    assert answer.status_code == 404


def test_without_a_manager_the_page_waits(client: FlaskClient, source: Fixed) -> None:
    source.snapshot = None
    assert client.get("/demo/").status_code == 503


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused(client: FlaskClient, method: str) -> None:
    answer = client.open("/demo/", method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.content_type.startswith("text/html")
    answer = client.open("/demo/", method=method, headers={"Accept": "application/json"})
    assert answer.status_code == 405
    assert answer.get_json()["error"]["code"] == "method-not-allowed"


def test_head(client: FlaskClient) -> None:
    answer = client.head("/demo/")
    assert answer.status_code == 200
    assert answer.data == b""
